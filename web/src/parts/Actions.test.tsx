import { cleanup, render, screen, waitFor } from "@testing-library/react";
import { CoreAdminContext, testDataProvider } from "ra-core";
import { MemoryRouter } from "react-router";
import { afterEach, expect, test } from "vitest";
import { Actions, type Verb } from "./Actions";

const Dialog = () => null;
const verbs: Record<string, Verb<object>> = {
  release: { scope: "write_orders", dialog: Dialog },
  refund: { scope: "refund_payments", dialog: Dialog },
  cancel: { scope: "write_orders", dialog: Dialog },
};

function show(next: string[], scopes: string[]) {
  const authProvider = {
    login: () => Promise.resolve(), logout: () => Promise.resolve(), checkAuth: () => Promise.resolve(), checkError: () => Promise.resolve(),
    getPermissions: () => Promise.resolve(scopes),
  };
  render(
    <MemoryRouter>
      <CoreAdminContext authProvider={authProvider} dataProvider={testDataProvider()}>
        <Actions record={{}} next={next} verbs={verbs} />
      </CoreAdminContext>
    </MemoryRouter>,
  );
}

const buttons = () => screen.queryAllByRole("button").map((button) => button.textContent);
afterEach(cleanup);

test("a button for each step that the server offers and the caller may take", async () => {
  show(["cancel", "refund", "release", "a step of tomorrow"], ["write_orders"]);
  await waitFor(() => expect(buttons()).toEqual(["Release", "Cancel"]));
});

test("what the server does not offer is not there, whatever the caller may", async () => {
  show(["cancel"], ["write_orders", "refund_payments"]);
  await waitFor(() => expect(buttons()).toEqual(["Cancel"]));
});
