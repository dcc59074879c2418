import { expect, test } from "vitest";
import { addDays, loadText, momentAt, mondayOf, openSlots, placed, placeOf, windowOf, type Appointment, type CalendarDay } from "./calendar";

const span = (from: string, until: string) => ({ starts_at: `2026-03-02T${from}:00.000Z`, ends_at: `2026-03-02T${until}:00.000Z` });
const DAY = {
  day: "2026-03-02", ...span("00:00", "24:00"), ends_at: "2026-03-03T00:00:00.000Z", told: "", docks: [],
  open: [span("08:00", "12:00"), span("13:00", "17:00")], load: { appointments: 0, lines: 0, units: 0, packages: 0 },
} as CalendarDay;
const booked = (from: string, until: string, status = "booked") => ({ ...span(from, until), status }) as Appointment;
const starts = (slots: { starts_at: string }[]) => slots.map((slot) => slot.starts_at.slice(11, 16));

test("a time of day is a moment of the node, in winter, in summer and in the night between", () => {
  expect(momentAt("2026-03-02", "09:00", "Europe/London")).toBe("2026-03-02T09:00:00.000Z");
  expect(momentAt("2026-07-01", "09:00", "Europe/London")).toBe("2026-07-01T08:00:00.000Z");
  expect(momentAt("2026-03-29", "00:30", "Europe/Berlin")).toBe("2026-03-28T23:30:00.000Z");
  expect(momentAt("2026-03-29", "03:30", "Europe/Berlin")).toBe("2026-03-29T01:30:00.000Z");
  expect(momentAt("2026-03-02", "09:00", "America/New_York")).toBe("2026-03-02T14:00:00.000Z");
});

test("and back again, whatever day it is here", () => {
  expect(placeOf("2026-03-02T02:30:00Z", "America/New_York")).toEqual({ day: "2026-03-01", clock: "21:30" });
  for (const zone of ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"]) {
    const { day, clock } = placeOf("2026-10-25T15:00:00.000Z", zone);
    expect(momentAt(day, clock, zone)).toBe("2026-10-25T15:00:00.000Z");
  }
});

test("weeks begin on Monday, and days are counted over the end of a month", () => {
  expect(mondayOf("2026-03-01")).toBe("2026-02-23");
  expect(mondayOf("2026-03-02")).toBe("2026-03-02");
  expect(addDays("2026-02-28", 1)).toBe("2026-03-01");
});

test("slots are those of the hours that nobody holds and that are not over", () => {
  const now = Date.parse("2026-03-02T09:10:00Z");
  expect(starts(openSlots(DAY, 60, [], now))).toEqual(["09:00", "10:00", "11:00", "13:00", "14:00", "15:00", "16:00"]);
  const taken = [booked("10:30", "11:00"), booked("13:00", "15:00", "missed"), booked("16:00", "17:00", "arrived")];
  expect(starts(openSlots(DAY, 60, taken, now))).toEqual(["09:00", "11:00", "13:00", "14:00", "15:00"]);
  expect(openSlots({ ...DAY, open: [] }, 60, [], now)).toEqual([]);
});

test("a day is drawn as far as its hours go and whatever stands outside them", () => {
  const clock = (at: number) => new Date(at).toISOString().slice(11, 16);
  const plain = windowOf(DAY, []);
  expect([clock(plain.from), clock(plain.until)]).toEqual(["08:00", "17:00"]);
  const wide = windowOf(DAY, [booked("06:30", "07:00"), booked("17:00", "18:15")]);
  expect([clock(wide.from), clock(wide.until)]).toEqual(["06:00", "19:00"]);
  const closed = windowOf({ ...DAY, open: [] }, []);
  expect([clock(closed.from), clock(closed.until)]).toEqual(["08:00", "17:00"]);
});

test("what reaches over the edge of the window is cut off there", () => {
  const window = windowOf(DAY, []);
  expect(placed(span("08:00", "12:30"), window)).toEqual({ top: 0, height: 50 });
  expect(placed(span("16:06", "23:00"), window)).toEqual({ top: 90, height: 10 });
});

test("the server's sums are told in words", () => {
  expect(loadText({ appointments: 0, lines: 0, units: 0, packages: 0 })).toBe("Nobody is expected");
  expect(loadText({ appointments: 1, lines: 1, units: 1, packages: 1 })).toBe("1 appointment, 1 unit in 1 line, 1 package");
  expect(loadText({ appointments: 3, lines: 12, units: 1420, packages: 0 })).toBe("3 appointments, 1,420 units in 12 lines");
});
