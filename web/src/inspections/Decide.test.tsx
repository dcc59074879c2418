import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { CoreAdminContext, testDataProvider } from "ra-core";
import { MemoryRouter } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import { Dispose } from "./Decide";
import type { Inspection } from "./inspection";

const INSPECTION = { id: "0197", number: "QC100001", version: 3, sku: "MUG", supplier: "HANSA", stock_status: "quarantine", to_dispose: 2, receipt_id: "r", currency: "KWD", next: [] } as unknown as Inspection;
afterEach(cleanup);

test("who may not read the order says a discount in its currency all the same, and nothing is asked of the order", () => {
  const asked = vi.fn();
  vi.stubGlobal("fetch", asked);
  render(
    <MemoryRouter>
      <QueryClientProvider client={new QueryClient()}>
        <CoreAdminContext dataProvider={testDataProvider()}>
          <Dispose record={INSPECTION} close={() => undefined} />
        </CoreAdminContext>
      </QueryClientProvider>
    </MemoryRouter>,
  );
  expect(screen.queryByLabelText(/Discount/)).toBeNull();
  fireEvent.change(screen.getByDisplayValue("return_to_vendor"), { target: { value: "accept_at_discount" } });
  expect(screen.getByLabelText(/Discount/)).toBeTruthy();
  expect(screen.getByText("KWD")).toBeTruthy();
  expect(asked).not.toHaveBeenCalled();
});
