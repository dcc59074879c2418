import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import { LeadTime } from "./LeadTime";
import { daysHref, scaleOf } from "./leadTimes";

const TOLD = {
  supplier: "HANSA", quoted_days: 14, since: "2024-03-01T00:00:00Z", deliveries: 4, mean_days: 13.5, spread_days: 3.8,
  bars: [{ from_days: 10, below_days: 11, deliveries: 1 }, { from_days: 11, below_days: 12, deliveries: 0 }, { from_days: 12, below_days: 13, deliveries: 3 }],
  waiting: 1, longest_wait_days: 30, planned_places: 0, planned_days: null, planned_late_days: null,
};

function show(told: object, status = 200) {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify(told), { status })));
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <MemoryRouter>
        <LeadTime supplier="HANSA" />
      </MemoryRouter>
    </QueryClientProvider>,
  );
}
afterEach(cleanup);

test("each bar that holds anything opens its deliveries, and the picture says what it shows", async () => {
  show(TOLD);
  expect(await screen.findByRole("group", { name: /4 deliveries took 10 to 12 days: 13.5 on average/ })).toBeTruthy();
  const bar = screen.getByRole("link", { name: "3 took 12 days" });
  expect(bar.getAttribute("href")).toBe("/suppliers/all/deliveries?supplier_eq=HANSA&sent_at_gteq=2024-03-01T00%3A00%3A00Z&days_gteq=12&days_lt=13");
  expect(screen.queryByRole("link", { name: /^0 took/ })).toBeNull();
  expect(screen.getByRole("link", { name: "1 line, for 30 days at the longest" })).toBeTruthy();
});

test("before anything came it says what plans go by", async () => {
  show({ ...TOLD, deliveries: 0, mean_days: null, spread_days: null, bars: [], waiting: 0 });
  expect(await screen.findByText("Nothing delivered yet")).toBeTruthy();
  expect(screen.queryByRole("group")).toBeNull();
});

test("a refusal is the server's sentence", async () => {
  const error = { code: "missing_scope", message: "You need read_purchasing.", details: {}, fields: [], request_id: "r" };
  show({ error }, 403);
  expect((await screen.findByRole("alert")).textContent).toContain("You need read_purchasing.");
});

test("bars, mean and quoted time stay on the line", () => {
  const x = scaleOf({ bars: TOLD.bars, quoted_days: 20 }, 110);
  expect([x(10), x(21), x(9), x(99)]).toEqual([0, 110, 0, 110]);
  expect(x(12)).toBeCloseTo(20);
  expect(daysHref(TOLD)).not.toContain("days_");
});
