import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import { Agenda } from "./Agenda";
import type { Appointment, Calendar } from "./calendar";
import { DayBoard } from "./DayBoard";
import type { BoardProps } from "./DockCalendar";
import { WeekBoard } from "./WeekBoard";

const at = (clock: string) => `2026-03-02T${clock}:00.000Z`;
const load = { appointments: 1, lines: 2, units: 40, packages: 3 };
const COMES = {
  id: "a", number: "DA100001", node: "LON", dock: "D1", day: "2026-03-02", starts_at: at("10:00"), ends_at: at("11:00"), status: "booked",
  supplier: "HANSA", carrier: null, notice: "AN100001", purchase: null, comes_as: "pallets", units: 40, expected_packages: 3,
  remarks: ["Expected 2 h after its slot."], next: ["arrive", "move"],
} as unknown as Appointment;
const MISSED = { ...COMES, id: "b", number: "DA100002", starts_at: at("13:00"), ends_at: at("14:00"), status: "missed", supplier: null, carrier: "DHL", remarks: [] } as Appointment;
const CALENDAR = {
  node: "LON", time_zone: "UTC", now: at("09:00"), today: "2026-03-02", slot_minutes: 60, hours_are_usual: false,
  docks: [{ code: "D1", name: "Ramp 1", takes: "anything", active: true }, { code: "D2", name: "Door", takes: "parcels", active: true }],
  days: [{
    day: "2026-03-02", starts_at: at("00:00"), ends_at: "2026-03-03T00:00:00.000Z", told: "LON takes goods in from 08:00 to 15:00 on Mon 2 Mar",
    open: [{ starts_at: at("08:00"), ends_at: at("15:00") }], load, docks: [{ dock: "D1", ...load }, { dock: "D2", appointments: 0, lines: 0, units: 0, packages: 0 }],
  }],
  appointments: [COMES, MISSED], unbooked: [], unbooked_total: 0,
} as unknown as Calendar;

const board = (more: Partial<BoardProps> = {}) => {
  const props = { calendar: CALENDAR, mayBook: true, open: vi.fn(), book: vi.fn(), drag: vi.fn(), drop: vi.fn(), dragged: null, held: () => more.dragged ?? null, ...more };
  return props as typeof props & BoardProps;
};
const labels = (buttons: HTMLElement[]) => buttons.map((button) => button.getAttribute("aria-label"));

afterEach(cleanup);

test("each dock has its appointments, what they bring, and the slots that are free", () => {
  const props = board();
  render(<DayBoard {...props} />, { wrapper: MemoryRouter });
  const first = screen.getByRole("group", { name: "Dock D1" });
  const comes = within(first).getByRole("button", { name: /HANSA/ });
  expect(comes.textContent).toContain("10:00 to 11:00, booked");
  expect(comes.textContent).toContain("AN100001 · 40 units · 3 pallets");
  expect(comes.textContent).toContain("Expected 2 h after its slot.");
  // What was missed holds nothing: its time can be booked.
  expect(labels(within(first).getAllByRole("button", { name: /^Book/ }))).toEqual(
    ["09:00", "11:00", "12:00", "13:00", "14:00"].map((clock) => `Book dock D1 at ${clock}`),
  );
  expect(screen.getByRole("heading", { name: "D2 Door" }).parentElement?.textContent).toContain("parcels only. Nobody is expected");
  fireEvent.click(comes);
  expect(props.open).toHaveBeenCalledWith(COMES);
  fireEvent.click(within(first).getByRole("button", { name: "Book dock D1 at 11:00" }));
  expect(props.book).toHaveBeenCalledWith({ dock: "D1", starts_at: at("11:00") });
});

test("whoever may not book sees who comes, and no place to book", () => {
  render(<DayBoard {...board({ mayBook: false })} />, { wrapper: MemoryRouter });
  expect(screen.getAllByRole("button").map((button) => button.draggable)).toEqual([false, false]);
});

test("what is dragged can be dropped where it was itself, and nothing else there", () => {
  const props = board({ dragged: { kind: "appointment", appointment: COMES } });
  render(<DayBoard {...props} />, { wrapper: MemoryRouter });
  fireEvent.drop(screen.getByRole("button", { name: "Book dock D1 at 10:00" }));
  expect(props.drop).toHaveBeenCalledWith({ dock: "D1", starts_at: at("10:00") });
});

test("in a week a dropped appointment keeps its time of day, and a notice gets the first that is open", () => {
  const props = board({ dragged: { kind: "appointment", appointment: COMES } });
  const { rerender } = render(<WeekBoard {...props} />, { wrapper: MemoryRouter });
  const cell = screen.getByRole("button", { name: /Book dock D2/ }).closest("td");
  if (!cell) throw new Error("no cell");
  fireEvent.drop(cell);
  expect(props.drop).toHaveBeenLastCalledWith({ dock: "D2", starts_at: at("10:00") });
  rerender(<WeekBoard {...board({ ...props, held: () => ({ kind: "notice", notice: { id: "n" } as Calendar["unbooked"][number] }) })} />);
  fireEvent.drop(cell);
  expect(props.drop).toHaveBeenLastCalledWith({ dock: "D2", starts_at: at("09:00") });
});

test("on a phone they stand one below the other, with the day's sums", () => {
  const props = board();
  render(<Agenda {...props} />, { wrapper: MemoryRouter });
  const [first, second] = screen.getAllByRole("listitem").map((item) => item.textContent);
  expect(first).toContain("10:00 to 11:00");
  expect(first).toContain("HANSA · dock D1");
  expect(second).toContain("DHL");
  expect(screen.getByText(/^LON takes goods in/).textContent).toContain("1 appointment, 40 units in 2 lines, 3 packages.");
});
