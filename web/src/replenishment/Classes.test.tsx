import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { CoreAdminContext, testDataProvider } from "ra-core";
import { MemoryRouter } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import { Classes } from "./Classes";

const CLASSES = ["AX", "AY", "AZ", "BX", "BY", "BZ", "CX", "CY", "CZ"].map((code) => ({
  code, policy: "s-S", service_ppm: 950_000, measured_by: "fill", review_days: 1, order_cost: 1000, holding_ppm: 250_000,
  places: code === "BY" ? 1200 : 0, version: 1, updated_at: "2026-03-01T00:00:00Z",
}));
const REFUSED = {
  error: { code: "bad_purchase_field", message: "Too sure.", details: {}, fields: [{ field: "service_ppm", message: "Too sure." }], request_id: "r" },
};

function show(data: object[], scopes: string[]) {
  vi.stubGlobal("fetch", (request: Request) =>
    Promise.resolve(
      request.method === "PUT"
        ? new Response(JSON.stringify(REFUSED), { status: 422 })
        : new Response(JSON.stringify({ data, page: { limit: 200, next_cursor: null, page: null, total: null, pages: null } })),
    ));
  const authProvider = {
    login: () => Promise.resolve(), logout: () => Promise.resolve(), checkAuth: () => Promise.resolve(), checkError: () => Promise.resolve(),
    getPermissions: () => Promise.resolve(scopes),
  };
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <MemoryRouter>
      <QueryClientProvider client={queryClient}>
        <CoreAdminContext authProvider={authProvider} dataProvider={testDataProvider()} queryClient={queryClient}>
          <Classes />
        </CoreAdminContext>
      </QueryClientProvider>
    </MemoryRouter>,
  );
}
afterEach(cleanup);

test("nine classes stand in three rows, and each opens the places that it keeps", async () => {
  show(CLASSES, ["read_purchasing"]);
  expect(await screen.findAllByRole("row")).toHaveLength(4);
  expect(screen.getByRole("link", { name: "1,200 places of BY" }).getAttribute("href")).toBe("/replenishment/places?class_code_eq=BY");
  expect(screen.queryAllByRole("button", { name: /^Edit/ })).toEqual([]);
});

test("before the first plan it says where classes come from", async () => {
  show([], ["read_purchasing"]);
  expect(await screen.findByText("No classes yet")).toBeTruthy();
});

test("a refusal stands at its field, and what was entered stays", async () => {
  show(CLASSES, ["read_purchasing", "write_purchasing"]);
  fireEvent.click(await screen.findByRole("button", { name: "Edit BY" }));
  const service = screen.getByLabelText<HTMLInputElement>(/^Service/);
  expect(service.value).toBe("95");
  fireEvent.change(service, { target: { value: "99.9" } });
  fireEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(service.getAttribute("aria-invalid")).toBe("true"));
  expect(document.getElementById(service.getAttribute("aria-describedby") ?? "")?.textContent).toBe("Too sure.");
  expect(service.value).toBe("99.9");
});
