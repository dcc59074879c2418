import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { Replayed } from "./Replayed";
import { inWords, lines, mostOf, share, stairs, WIDTH, type Replay, type Side } from "./replays";

const day = (n: number, stock: number, short = 0, ordered = 0) => ({ day: `2026-01-0${n}`, demand: 4, stock, short, ordered, arrived: 0 });
const NOW: Side = {
  policy: "min/max", service_ppm: 950_000, review_days: 1, point: 5, up_to: 20, lot: 9, served: 12, short: 0, fill_ppm: 1_000_000,
  stock_out_days: 0, average_milli: 12_000, orders: 1, ordered: 16,
  costs: [{ currency: "EUR", holding: 246, ordering: 1000, total: 1246, stock: 3996, short: 0 }], path: [day(1, 8), day(2, 4, 0, 16), day(3, 16)],
};
const THEN: Side = {
  ...NOW, point: 0, up_to: 10, short: 2, fill_ppm: 833_333, stock_out_days: 1, average_milli: 4333,
  costs: [{ currency: "EUR", holding: 90, ordering: 1000, total: 1090, stock: 1443, short: 666 }], path: [day(1, 6), day(2, 2), day(3, 0, 2, 12)],
};
const REPLAY: Replay = {
  class_code: "AX", sku: "PLATE", node: "LON", since: "2026-01-01", until: "2026-01-03", days: 3, warm_up_days: 1, places: 1, places_of: 1,
  demand: 12, censored_days: 0, lead_times: [{ supplier: "HANSA", mean_days: 9, late_days: 14, places: 1 }], current: NOW, proposed: THEN,
  caveats: ["Lead times are those learned until today."],
};
afterEach(cleanup);

test("the picture says what it shows, with a tick an order and a mark a stock-out", () => {
  const { container } = render(<Replayed of={REPLAY} />);
  expect(screen.getByRole("img").getAttribute("aria-label")).toBe(inWords(REPLAY));
  expect(inWords(REPLAY)).toContain("Proposed: 4.3 units on average, 1 day with a stock-out, 1 order.");
  expect(container.querySelectorAll("g line.now, g line.then")).toHaveLength(2);
  expect(container.querySelectorAll("rect.short")).toHaveLength(1);
  expect(screen.getByText("Lead times are those learned until today.")).toBeTruthy();
});

test("figures stand side by side, as the server says them", () => {
  const told = new Map(lines(REPLAY).map((line) => [line.what, [line.now, line.then]]));
  expect(told.get("Fill rate")).toEqual(["100.0 %", "83.3 %"]);
  expect(told.get("Together")).toEqual(["12.46 EUR", "10.90 EUR"]);
  expect(told.get("Fill up to, on the last day")).toEqual(["20", "10"]);
  const many = { ...REPLAY, current: { ...NOW, point: null }, proposed: { ...THEN, point: null } };
  expect(lines(many).some((line) => line.what.startsWith("Order at"))).toBe(false);
});

test("a curve begins at the left, ends at the right and never leaves the picture", () => {
  const drawn = stairs(NOW, mostOf(REPLAY));
  expect(drawn.startsWith("M0,")).toBe(true);
  expect(drawn.endsWith(`H${WIDTH}.0`)).toBe(true);
  expect(Math.min(...[...drawn.matchAll(/[V,](-?[\d.]+)/g)].map((m) => Number(m[1])))).toBe(18);
  expect(share(999_999)).toBe("99.9 %");
});
