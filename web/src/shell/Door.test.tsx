import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { AuthContext } from "ra-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { authProvider } from "@/api/auth";
import { send } from "@/api/send";
import { Door } from "./Door";

const SESSION = { user_id: "u1", name: "Ada", role: "admin", scopes: [], csrf_token: "t", expires_at: null };
let isIn = true;

beforeEach(() => {
  isIn = true;
  vi.stubGlobal("fetch", (request: Request) => {
    if (request.method === "POST") isIn = true;
    const body = isIn ? SESSION : { error: { code: "not_signed_in", message: "Sign in.", details: {}, fields: [], request_id: "r" } };
    return Promise.resolve(new Response(JSON.stringify(body), { status: isIn ? 200 : 401 }));
  });
});
afterEach(cleanup);

test("a session that ends covers the screen, and what was typed is there afterwards", async () => {
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <AuthContext.Provider value={authProvider}>
        <Door>
          <input aria-label="a note" />
        </Door>
      </AuthContext.Provider>
    </QueryClientProvider>,
  );
  fireEvent.change(await screen.findByLabelText("a note"), { target: { value: "half a sentence" } });

  isIn = false;
  await act(() => send(new Request("http://localhost/api/v1/orders")).catch(() => undefined));
  expect(screen.getByRole("heading").textContent).toBe("Sign in again");

  fireEvent.change(screen.getByLabelText(/E-mail/), { target: { value: "ada@example.com" } });
  fireEvent.change(screen.getByLabelText(/Password/), { target: { value: "secret" } });
  fireEvent.click(screen.getByRole("button", { name: "Sign in" }));
  await waitFor(() => expect(screen.queryByRole("heading")).toBeNull());
  expect(screen.getByLabelText<HTMLInputElement>("a note").value).toBe("half a sentence");
});
