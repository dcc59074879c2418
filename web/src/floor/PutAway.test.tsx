import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter, useLocation } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import PutAway from "./PutAway";
import type { ShelfTask } from "./shelf";

const task = (number: string, sku: string, more: Partial<ShelfTask> = {}) =>
  ({
    id: number, number, node: "LON", bin: "RECEIVING", sku, title: sku, barcode: null, lot: "", status: "ready", assigned_to: null,
    quantity: 9, put_away: 0, withdrawn: 0, left: 9, picked: 0, waiting: [], unplaced: 0, unplaced_why: null, suggestions: [],
    next: more.status === "started" ? ["put", "give_back", "cancel"] : ["put", "start", "cancel"], ...more,
  }) as unknown as ShelfTask;
const MINE = { status: "started", assigned_to: "user:me" };
const THEIRS = { status: "started", assigned_to: "user:0197abcdef" };

/** The station with a list of `rows`, while the node has `beyond` too; the starts that were asked for, and reads of the list. */
function show(rows: ShelfTask[], { beyond = [], isRefused = false }: { beyond?: ShelfTask[]; isRefused?: boolean } = {}) {
  const seen = { started: [] as string[], lists: 0 };
  const read = (request: Request) => {
    const { pathname, searchParams: asked } = new URL(request.url);
    if (pathname.endsWith("/me")) return { principal: "user:me", name: "Me", role: "warehouse", scopes: [] };
    if (pathname.endsWith("/nodes")) return { data: [{ code: "LON", name: "London" }] };
    if (pathname.endsWith("/search")) return { hits: [] };
    if (!pathname.endsWith("/putaway-tasks")) return [...rows, ...beyond].find((one) => pathname.endsWith(one.id));
    const by = (["number", "lot", "sku", "barcode"] as const).find((name) => asked.has(`${name}_in`));
    if (by) return { data: beyond.filter((one) => asked.getAll(`${by}_in`).flatMap((code) => code.split(",")).includes(one[by] ?? "")) };
    seen.lists += 1;
    return { data: rows, page: { total: rows.length + beyond.length } };
  };
  const refusal = { error: { code: "illegal_move", message: "It is started.", details: {}, fields: [], request_id: "r" } };
  vi.stubGlobal("fetch", (request: Request) => {
    if (request.method !== "POST") return Promise.resolve(new Response(JSON.stringify(read(request))));
    const id = new URL(request.url).pathname.split("/").at(-2) ?? "";
    seen.started.push(id);
    return Promise.resolve(isRefused ? new Response(JSON.stringify(refusal), { status: 409 }) : new Response(JSON.stringify(task(id, "MUG", MINE))));
  });
  render(
    <MemoryRouter>
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
        <PutAway />
        <Address />
      </QueryClientProvider>
    </MemoryRouter>,
  );
  const keys = userEvent.setup();
  const scan = async (code: string) => keys.type(await screen.findByRole("textbox"), `${code}{Enter}`);
  return { seen, scan };
}
function Address() {
  return <output>{useLocation().search}</output>;
}
const address = () => document.querySelector("output")?.textContent;
afterEach(cleanup);

test.each(["pa100101", "L9", "bowl", "4006381333931"])("what is beyond the list is looked up at the server: %s", async (code) => {
  const { seen, scan } = show([task("PA100001", "MUG")], { beyond: [task("PA100101", "BOWL", { lot: "L9", barcode: "4006381333931" })] });
  await screen.findByText("2 to put away");
  await scan(code);
  await waitFor(() => expect(address()).toBe("?task=PA100101"));
  expect(seen.started).toEqual(["PA100101"]);
});

test("what nobody has to put away is refused, and two lots of the same goods are asked about", async () => {
  const { seen, scan } = show([], { beyond: [task("PA100101", "BOWL", { lot: "L8" }), task("PA100102", "BOWL", { lot: "L9" })] });
  await screen.findByText("2 to put away");
  await scan("PLATE");
  await screen.findByText("This is not to be put away here");
  await scan("BOWL");
  await screen.findByText("BOWL has come in several lots or bins");
  expect([seen.started, address()]).toEqual([[], ""]);
});

test("Enter passes over what somebody else carries, and a scan of it says whose it is before Enter opens it", async () => {
  const { seen, scan } = show([task("PA100001", "MUG", THEIRS), task("PA100002", "BOWL", MINE)]);
  await screen.findByRole("button", { name: /Next: BOWL/ });
  await scan("MUG");
  await screen.findByText("user abcdef is at PA100001");
  expect(address()).toBe("");
  await scan("");
  await waitFor(() => expect(address()).toBe("?task=PA100001"));
  expect(seen.started).toEqual([]);
});

test("Enter takes nothing while others are at all of it", async () => {
  const { scan } = show([task("PA100001", "MUG", THEIRS)]);
  await screen.findByText("1 to put away");
  await scan("");
  await screen.findByText("Others are at all that is to be put away here");
  expect(address()).toBe("");
});

test("when somebody else was faster the list is read again", async () => {
  const { seen, scan } = show([task("PA100001", "MUG")], { isRefused: true });
  await screen.findByRole("button", { name: /Next: MUG/ });
  await scan("");
  await screen.findByText("It is started.");
  await waitFor(() => expect(seen.lists).toBe(2));
});
