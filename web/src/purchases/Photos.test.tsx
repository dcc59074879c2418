import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { CoreAdminContext, testDataProvider } from "ra-core";
import { MemoryRouter } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import { Photos } from "./Photos";
import type { GoodsReceipt } from "./TakeBack";

const RECEIPT = {
  id: "r", number: "GR100001",
  lines: [{ no: 1, sku: "BOWL", quantity: 2, condition: "damaged", reason: "crushed" }, { no: 2, sku: "MUG", quantity: 1, condition: "good", reason: null }],
  photos: [{ id: "p1", line_no: 1, media_type: "image/png", width: 40, height: 30, size_bytes: 9, taken_by: "user:1", at: "2026-03-01T00:00:00Z" }],
} as unknown as GoodsReceipt;

function show(receipts: GoodsReceipt[], scopes: string[]) {
  const sent: Request[] = [];
  vi.stubGlobal("fetch", (request: Request) => {
    sent.push(request.clone());
    return Promise.resolve(new Response(JSON.stringify({ id: "p1", receipt_id: "r", line_no: 1 })));
  });
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const authProvider = {
    login: () => Promise.resolve(), logout: () => Promise.resolve(), checkAuth: () => Promise.resolve(), checkError: () => Promise.resolve(),
    getPermissions: () => Promise.resolve(scopes),
  };
  const drawn = render(
    <MemoryRouter>
      <QueryClientProvider client={queryClient}>
        <CoreAdminContext authProvider={authProvider} dataProvider={testDataProvider()} queryClient={queryClient}>
          <Photos of={receipts} />
        </CoreAdminContext>
      </QueryClientProvider>
    </MemoryRouter>,
  );
  return { sent, drawn };
}
const removes = () => screen.findByRole("button", { name: "Remove the photo of 2 BOWL damaged: crushed" });
afterEach(cleanup);

test("a photo says what it shows, and nobody sees a card without any", () => {
  show([RECEIPT], []);
  expect(screen.getByRole("img", { name: "2 BOWL damaged: crushed" }).getAttribute("src")).toBe("/api/v1/receipt-photos/p1");
  expect(screen.queryByRole("button")).toBeNull();
  cleanup();
  expect(show([{ ...RECEIPT, photos: [] }], ["write_stock"]).drawn.container.textContent).toBe("");
});

test("it is removed with a reason alone", async () => {
  const { sent } = show([RECEIPT], ["write_stock"]);
  fireEvent.click(await removes());
  fireEvent.click(screen.getByRole("button", { name: "Remove it" }));
  expect(await screen.findByText("Why is needed.")).toBeTruthy();
  expect(sent).toEqual([]);
  fireEvent.change(screen.getByLabelText(/^Why/), { target: { value: "a thumb" } });
  fireEvent.click(screen.getByRole("button", { name: "Remove it" }));
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(new URL(sent[0]?.url ?? "").pathname).toBe("/api/v1/receipt-photos/p1/remove");
  expect(await sent[0]?.json()).toEqual({ reason: "a thumb" });
});
