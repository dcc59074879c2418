import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import { rowsHref } from "@/parts/links";
import { Scorecard } from "./Scorecard";
import { partsOf, shareText, timeOf } from "./scores";

const held = vi.hoisted(() => new Set<string>());
vi.mock("@/parts/scopes", () => ({ useCan: () => (scope: string) => held.has(scope) }));

const number = (value: number, filters: Record<string, string> = {}, list = "supplier-promises", sum_of: string | null = null) =>
  ({ value, list, filters: { supplier_eq: "HANSA", ...filters }, sum_of });
const share = (part: number, whole: number, filters = {}, list?: string) =>
  ({ part: number(part, filters, list), whole: number(whole, {}, list), ppm: whole ? Math.round((part * 1e6) / whole) : null });

function score(early: number, on_day: number, late: number, outstanding = 0, missed = 0) {
  const all = early + on_day + late + outstanding + missed;
  return {
    early: number(early, { timing_eq: "early" }), on_day: number(on_day, { timing_eq: "on_day" }), late: number(late, { timing_eq: "late" }),
    outstanding: number(outstanding), missed: number(missed), cancelled: number(0),
    on_time: share(early + on_day, all, { timing_in: "early,on_day" }), in_full: share(41, 70), otif: share(2, all),
  };
}

const TOLD = {
  supplier: "HANSA", since: "2026-03-01T00:00:00Z", until: "2026-04-01T00:00:00Z",
  confirmed: score(2, 1, 2, 1, 1), first: score(0, 0, 0),
  defects: { units: share(7, 20, { rejected_gt: "0" }, "receipts"), lots: share(1, 2, { verdict_eq: "rejected" }, "inspections") },
  lead_time: { deliveries: number(3, {}, "deliveries"), mean_days: 8, spread_days: 4.3, shortest_days: 4, median_days: 6, longest_days: 14 },
};

function show(told: object, { at = "/suppliers/HANSA", status = 200 } = {}) {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (request: Request) => {
    asked.push(request.url);
    return Promise.resolve(new Response(JSON.stringify(told), { status }));
  });
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <MemoryRouter initialEntries={[at]}>
        <Scorecard supplier="HANSA" />
      </MemoryRouter>
    </QueryClientProvider>,
  );
  return asked;
}
const opened = (name: string) => screen.getByRole("link", { name }).getAttribute("href");
afterEach(() => {
  cleanup();
  held.clear();
});

test("each number and each part of a bar opens the rows behind it", async () => {
  held.add("read_stock");
  show(TOLD);
  expect(await screen.findByText("42.9 %")).toBeTruthy();
  expect(opened("3 of the lines of the confirmed date")).toBe("/suppliers/all/promises?supplier_eq=HANSA&timing_in=early,on_day");
  expect(opened("Confirmed date: 2 late")).toBe("/suppliers/all/promises?supplier_eq=HANSA&timing_eq=late");
  expect(opened("7 of the units received")).toBe("/suppliers/all/receipts?supplier_eq=HANSA&rejected_gt=0");
  expect(opened("1 of the lots judged by a sample")).toBe("/inspections?supplier_eq=HANSA&verdict_eq=rejected");
  expect(opened("3 deliveries")).toBe("/suppliers/all/deliveries?supplier_eq=HANSA");
  expect(screen.queryByRole("link", { name: /^First date: / })).toBeNull();
});

test("lots are told and not opened by who may not read stock", async () => {
  show(TOLD);
  expect(await screen.findByText("50 %")).toBeTruthy();
  expect(screen.queryByRole("link", { name: /lots judged/ })).toBeNull();
});

test("the time that is chosen is in the address and asked for", async () => {
  const asked = show(TOLD, { at: "/suppliers/HANSA?days=90" });
  expect((await screen.findByRole("link", { name: "90 days" })).getAttribute("aria-current")).toBe("true");
  expect(asked.map((url) => new URL(url).search)).toEqual(["?since=now-91d"]);
  expect([timeOf("30"), timeOf("31"), timeOf(null)]).toEqual([30, 365, 365]);
});

test("nothing promised and nothing received is said in words, and a refusal in the server's", async () => {
  const nothing = { ...TOLD, confirmed: score(0, 0, 0), defects: { ...TOLD.defects, units: share(0, 0) } };
  show(nothing);
  expect(await screen.findByText("Nothing to judge yet")).toBeTruthy();
  cleanup();
  const error = { code: "missing_scope", message: "You need read_purchasing.", details: {}, fields: [], request_id: "r" };
  show({ error }, { status: 403 });
  expect((await screen.findByRole("alert")).textContent).toContain("You need read_purchasing.");
});

test("the parts fill the bar side by side, and shares are told to a tenth", () => {
  const parts = partsOf(score(1, 0, 3), 200);
  expect(parts.map(({ timing, x, width }) => [timing, x, width])).toEqual([["early", 0, 50], ["late", 50, 150]]);
  expect([shareText(428571), shareText(1000000), shareText(0), shareText(null)]).toEqual(["42.9 %", "100 %", "0 %", "–"]);
  expect(rowsHref({ list: "runtime/flows", filters: {} })).toBe("/agents/flows");
});
