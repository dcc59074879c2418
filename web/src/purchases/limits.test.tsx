import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { CoreAdminContext, testDataProvider } from "ra-core";
import type { ReactNode } from "react";
import { MemoryRouter } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import type { Purchase } from "./PurchaseList";
import { PutLimit, RemoveLimit, type Limit } from "./PutLimit";
import { Approve } from "./Steps";

const LIMIT: Limit = { role: "manager", currency: "JPY", amount: 50_000, version: 3, updated_at: "2026-03-01T00:00:00Z" };
const ORDER = { id: "0197", number: "PO100001", supplier: "HANSA", currency: "EUR", total: 4800, version: 1 } as Purchase;

function show(inside: ReactNode, answers: (request: Request) => Response) {
  const sent: Request[] = [];
  vi.stubGlobal("fetch", (request: Request) => {
    sent.push(request.clone());
    return Promise.resolve(answers(request));
  });
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const authProvider = {
    login: () => Promise.resolve(), logout: () => Promise.resolve(), checkAuth: () => Promise.resolve(), checkError: () => Promise.resolve(),
    getPermissions: () => Promise.resolve(["write_settings"]),
  };
  render(
    <MemoryRouter>
      <QueryClientProvider client={queryClient}>
        <CoreAdminContext authProvider={authProvider} dataProvider={testDataProvider()} queryClient={queryClient}>
          {inside}
        </CoreAdminContext>
      </QueryClientProvider>
    </MemoryRouter>,
  );
  return sent;
}
const accepted = () => new Response(JSON.stringify({ role: "manager", currency: "JPY", amount: 1 }));
const refused = (code: string) => () =>
  new Response(JSON.stringify({ error: { code, message: "Above the limit.", details: {}, fields: [], request_id: "r" } }), { status: 403 });
afterEach(cleanup);

test("a limit is sent in minor units of its currency, with the version that was seen", async () => {
  const close = vi.fn();
  const sent = show(<PutLimit limit={LIMIT} close={close} />, accepted);
  const amount = screen.getByLabelText<HTMLInputElement>(/^Approves up to/);
  expect(amount.value).toBe("50000");
  fireEvent.change(amount, { target: { value: "600.50" } });
  fireEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("Not an amount in JPY.")).toBeTruthy();
  expect(sent).toEqual([]);
  fireEvent.change(amount, { target: { value: "60000" } });
  fireEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(close).toHaveBeenCalled());
  expect(new URL(sent[0]?.url ?? "").pathname).toBe("/api/v1/approval-limits/manager/JPY");
  expect(await sent[0]?.json()).toEqual({ amount: 60_000, version: 3 });
});

test("who may not read roles types the name of one, and a currency in any letters", async () => {
  const sent = show(<PutLimit close={vi.fn()} />, accepted);
  fireEvent.change(screen.getByLabelText(/^Role/), { target: { value: " buyer " } });
  fireEvent.change(screen.getByLabelText(/^Currency/), { target: { value: "kwd" } });
  fireEvent.change(screen.getByLabelText(/^Approves up to/), { target: { value: "12.5" } });
  fireEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(new URL(sent[0]?.url ?? "").pathname).toBe("/api/v1/approval-limits/buyer/KWD");
  expect(await sent[0]?.json()).toEqual({ amount: 12_500, version: null });
});

test("a limit that is removed is sent as none", async () => {
  const sent = show(<RemoveLimit limit={LIMIT} close={vi.fn()} />, accepted);
  fireEvent.click(screen.getByRole("button", { name: "Remove it" }));
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(await sent[0]?.json()).toEqual({ amount: null, version: 3 });
});

test("an order above the limit leads to the limits in its currency, and no other refusal does", async () => {
  show(<Approve record={ORDER} close={vi.fn()} />, refused("above_approval_limit"));
  fireEvent.click(screen.getByRole("button", { name: "Approve" }));
  const link = await screen.findByRole("link", { name: "Who may approve how much in EUR" });
  expect(link.getAttribute("href")).toBe("/purchases/limits?currency_eq=EUR");
  cleanup();
  show(<Approve record={ORDER} close={vi.fn()} />, refused("missing_scope"));
  fireEvent.click(screen.getByRole("button", { name: "Approve" }));
  expect(await screen.findByText("Above the limit.")).toBeTruthy();
  expect(screen.queryByRole("link")).toBeNull();
});
