import { cleanup, render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, expect, test } from "vitest";
import { InAll, Ranked } from "./Insight";
import { byOf, isYoung, nameOf, scaleOf, share, timeOf, type Insight, type Rate } from "./insight";
import { Months, Reasons } from "./Pictures";

afterEach(cleanup);

const number = (value: number, list = "return-lines", filters: Record<string, string> = {}) => ({ value, list, filters, sum_of: "came" });
const RATE: Rate = {
  key: "MUG", title: "Mug", shipped: number(100, "shipped-lines", { sku_eq: "MUG" }), came: number(10, "return-lines", { sku_eq: "MUG" }), so_far_ppm: 100_000,
  exposed: 50, expected_ppm: 200_000, low_ppm: 112_000, high_ppm: 330_000, shrunk_ppm: 180_000, worth: 10_000, fees: 500, refunded: number(9_500), leg: 390, net: number(9_890),
};
const TOLD = {
  by: "sku", since: "2026-01-01T00:00:00Z", until: "2026-03-01T00:00:00Z", currency: "EUR", currencies: ["EUR", "USD"], horizon_days: 120, prior: 20, learned: 1234,
  half_after_days: 14, total: RATE, rows: [RATE], left_out: 0,
} as Insight;
const show = (inside: React.ReactNode) => render(<MemoryRouter>{inside}</MemoryRouter>);

test("what an address asks for is known, or the usual", () => {
  expect([timeOf("90"), timeOf("17"), timeOf(null)]).toEqual([90, 365, 365]);
  expect([byOf("supplier"), byOf("reason"), byOf(null)]).toEqual(["supplier", "sku", "sku"]);
});

test("names are words, and what has none says so", () => {
  expect(nameOf("reason", "too_small")).toBe("Too small");
  expect(nameOf("size", null)).toBe("No size");
  expect([share(77_125), share(null)]).toEqual(["7.7 %", "–"]);
});

test("a scale holds every interval, and is no smaller than a twentieth", () => {
  expect(scaleOf([RATE])).toBe(350_000);
  expect(scaleOf([])).toBe(50_000);
  expect(isYoung(RATE)).toBe(true);
  expect(isYoung({ ...RATE, exposed: 95 })).toBe(false);
});

test("the ranked table shows the server's rates, and each number opens its rows", () => {
  show(<Ranked of={TOLD} />);
  expect(screen.getByText("20.0 %").parentElement?.textContent).toBe("20.0 % young");
  expect(screen.getByRole("link", { name: "100 units sent" }).getAttribute("href")).toBe("/return-insight/shipped?sku_eq=MUG");
  expect(screen.getByRole("link", { name: "10 units that came" }).getAttribute("href")).toBe("/return-insight/returned?sku_eq=MUG");
  expect(screen.getByRole("img").getAttribute("aria-label")).toBe("Between 11.2 % and 33.0 %");
});

test("reasons are drawn with the most frequent first, months with what may still come", () => {
  const rows = [{ ...RATE, key: "late", came: number(1) }, { ...RATE, key: "too_small", came: number(3) }, { ...RATE, key: "other", came: number(0) }];
  show(<Reasons of={{ ...TOLD, by: "reason", rows }} />);
  expect(screen.getAllByRole("listitem").map((each) => each.firstChild?.textContent)).toEqual(["Too small", "Came too late"]);
  cleanup();
  show(<Months of={{ ...TOLD, by: "month", rows: [{ ...RATE, key: "2026-03" }] }} />);
  expect(screen.getByRole("link").getAttribute("aria-label")).toBe("2026-03: 20.0 % expected, between 11.2 % and 33.0 %; 10.0 % came so far, 10 of 100");
});

test("all of it is told with its interval and in which currency", () => {
  show(<InAll of={TOLD} />);
  expect(screen.getByText("11.2 % and 33.0 %")).toBeTruthy();
  expect(screen.getByText(/Amounts are of orders in EUR/)).toBeTruthy();
});
