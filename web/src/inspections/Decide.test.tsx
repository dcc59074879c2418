import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { CoreAdminContext, testDataProvider } from "ra-core";
import { MemoryRouter } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import { Dispose } from "./Decide";
import type { Inspection } from "./inspection";

const INSPECTION = { id: "0197", number: "QC100001", version: 3, sku: "MUG", supplier: "HANSA", stock_status: "quarantine", to_dispose: 2, receipt_id: "r", next: [] } as unknown as Inspection;
afterEach(cleanup);

test("who may not read the order is told why no discount can be said", async () => {
  const refusal = { error: { code: "missing_scope", message: "This needs read_purchasing.", details: {}, fields: [], request_id: "r" } };
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify(refusal), { status: 403 })));
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <MemoryRouter>
      <QueryClientProvider client={queryClient}>
        <CoreAdminContext dataProvider={testDataProvider()} queryClient={queryClient}>
          <Dispose record={INSPECTION} close={() => undefined} />
        </CoreAdminContext>
      </QueryClientProvider>
    </MemoryRouter>,
  );
  expect(screen.queryByText("This needs read_purchasing.")).toBeNull();
  fireEvent.change(screen.getByDisplayValue("return_to_vendor"), { target: { value: "accept_at_discount" } });
  expect(await screen.findByText("This needs read_purchasing.")).toBeTruthy();
  expect(screen.queryByLabelText(/Discount/)).toBeNull();
});
