import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { CoreAdminContext, testDataProvider } from "ra-core";
import type { ReactNode } from "react";
import { MemoryRouter, Route, Routes } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import { dayText, type LatePromise, type Queue } from "./backorder";
import { CancelUnits, SplitOrder, WaitOn } from "./Late";
import { classesOf, classesText, policyText } from "./policy";
import { QueuePage } from "./QueuePage";

const SHARE: Queue["queue"][number] = {
  allocation_id: "a1", order_id: "o1", order_number: "100301", channel: "web", wanted: 5, given: 0, rule: "in_turn",
  why: "waits since 2026-03-02 09:00", placed_at: "2026-03-02T09:00:00Z", likely_on: "2026-03-12", promised_on: "2026-03-13",
  safe_on: "2026-03-18", passed: 2, moved_up_at: null, moved_up_why: null, class_name: null,
};
const QUEUE: Queue = {
  sku: "MUG", node: "LON", units: 0, free: 0, waiting: 9, given: 0, policy_of: null,
  policy: { node: "*", ranking: ["placed"], classes: [], most_passed: 3, most_days: null, version: 0, created: false, removed: false },
  queue: [SHARE, { ...SHARE, allocation_id: "a2", order_id: "o2", order_number: "100302", wanted: 4, likely_on: null, promised_on: null, safe_on: null }],
  coming: [{ sku: "MUG", source: "purchase order PO100001, line 1", units: 6, likely_on: "2026-03-11", promised_on: "2026-03-12", safe_on: "2026-03-17" }],
};
const LATE = {
  allocation_id: "a1", order_id: "o1", order_number: "100301", line_no: 2, sku: "MUG", node: "LON", units: 3, promised_on: "2026-03-13",
} as LatePromise;

function show(inside: ReactNode, answers: (request: Request) => unknown, at = "/") {
  const sent: Request[] = [];
  vi.stubGlobal("fetch", (request: Request) => {
    sent.push(request.clone());
    return Promise.resolve(new Response(JSON.stringify(answers(request))));
  });
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const authProvider = {
    login: () => Promise.resolve(), logout: () => Promise.resolve(), checkAuth: () => Promise.resolve(), checkError: () => Promise.resolve(),
    getPermissions: () => Promise.resolve(["read_stock", "write_stock", "write_orders"]),
  };
  render(
    <MemoryRouter initialEntries={[at]}>
      <QueryClientProvider client={queryClient}>
        <CoreAdminContext authProvider={authProvider} dataProvider={testDataProvider()} queryClient={queryClient}>
          {inside}
        </CoreAdminContext>
      </QueryClientProvider>
    </MemoryRouter>,
  );
  return sent;
}
afterEach(cleanup);

test("the board says who is next and who would get so many, and goes back to how it stands", async () => {
  const tried = { ...QUEUE, units: 6, given: 6, queue: [{ ...SHARE, given: 5 }, { ...QUEUE.queue[1], given: 1 }] };
  const sent = show(
    <Routes><Route path="/at/:sku/:node" element={<QueuePage />} /></Routes>,
    (request) => (request.method === "POST" ? tried : QUEUE),
    "/at/MUG/LON",
  );
  expect(await screen.findByText("100301")).toBeTruthy();
  expect(screen.getByText("first come; passed over 3 times at most")).toBeTruthy();
  expect(screen.getByText("purchase order PO100001, line 1")).toBeTruthy();
  expect(screen.getAllByText("no day known")).toHaveLength(1);
  fireEvent.change(screen.getByLabelText("If so many came"), { target: { value: "6" } });
  fireEvent.click(screen.getByRole("button", { name: "Who gets them?" }));
  expect(await screen.findByText("Who would get 6")).toBeTruthy();
  expect(await sent.at(-1)?.json()).toEqual({ sku: "MUG", node: "LON", units: 6 });
  expect(screen.getByText("Gets")).toBeTruthy();
  expect(screen.queryAllByRole("button", { name: "Move up" })).toEqual([]);
  fireEvent.click(screen.getByRole("button", { name: "As it stands" }));
  expect(await screen.findByText("Who is next")).toBeTruthy();
});

test("somebody is moved up with a reason", async () => {
  const sent = show(
    <Routes><Route path="/at/:sku/:node" element={<QueuePage />} /></Routes>,
    () => QUEUE,
    "/at/MUG/LON",
  );
  const [first] = await screen.findAllByRole("button", { name: "Move up" });
  if (first) fireEvent.click(first);
  fireEvent.change(screen.getByLabelText(/^Why/), { target: { value: "a wedding" } });
  fireEvent.click(screen.getAllByRole("button", { name: "Move up" }).at(-1)!);
  await waitFor(() => expect(sent.some((r) => r.method === "POST")).toBe(true));
  const asked = sent.find((r) => r.method === "POST");
  expect(new URL(asked?.url ?? "").pathname).toBe("/api/v1/backorders/a1/move-up");
  expect(await asked?.json()).toEqual({ reason: "a wedding" });
});

test.each([
  [WaitOn, "They wait", /^Who says so/, "/api/v1/backorder-promises/a1/accept", { reason: "Ada" }],
  [SplitOrder, "Send what is there", /^Why/, "/api/v1/orders/o1/ship-in-parts", { reason: "Ada", version: null }],
  [CancelUnits, "Cancel them", /^Why/, "/api/v1/orders/o1/cancel", { reason: "Ada", lines: [{ line_no: 2, quantity: 3 }], version: null }],
])("a late promise: %o", async (Dialog, verb, label, path, body) => {
  const close = vi.fn();
  const sent = show(<Dialog record={LATE} close={close} />, () => ({}));
  fireEvent.change(screen.getByLabelText(label), { target: { value: "Ada" } });
  fireEvent.click(screen.getByRole("button", { name: verb }));
  await waitFor(() => expect(close).toHaveBeenCalled());
  expect(new URL(sent[0]?.url ?? "").pathname).toBe(path);
  expect(await sent[0]?.json()).toEqual(body);
});

test("classes are read as they are written", () => {
  const classes = classesOf("vip, order:rush ,class: wholesale,");
  expect(classes).toEqual([{ tag: "vip", of: "customer" }, { tag: "rush", of: "order" }, { tag: "wholesale", of: "class" }]);
  expect(classesText(classes)).toBe("vip, order:rush, class:wholesale");
  expect(policyText({ ranking: ["priority", "share"], classes, most_passed: 0, most_days: 5 })).toBe(
    "class (vip, rush, wholesale), then a share for each; nobody is passed over, or for 5 days",
  );
  expect(dayText("2020-03-09")).toBe("9 Mar 2020");
});
