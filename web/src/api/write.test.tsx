import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, test, vi } from "vitest";
import { NoAnswer, Problem } from "./problem";
import { useWrite, type Once } from "./write";

const refusal = (status: number, code: string) =>
  new Problem(status, { code, message: "No.", details: {}, fields: [], request_id: "r" });

function writing(outcomes: (Error | string)[]) {
  const queries = new QueryClient();
  const refreshed = vi.spyOn(queries, "invalidateQueries");
  const keys: string[] = [];
  const write = (_: object, once: Once) => {
    keys.push(once.headers["Idempotency-Key"]);
    const next = outcomes.shift() ?? "done";
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  };
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={queries}>{children}</QueryClientProvider>;
  const { result } = renderHook(() => useWrite(write, { touches: ["orders"] }), { wrapper });
  const send = async (input: object) => {
    act(() => result.current.mutate(input));
    await waitFor(() => expect(result.current.isPending).toBe(false));
  };
  return { send, keys, refreshed };
}

test("pressing again after silence is the same change", async () => {
  const { send, keys } = writing([new NoAnswer(), refusal(500, "internal_error"), "done"]);
  await send({ a: 1 });
  await send({ a: 1 });
  await send({ a: 1 });
  expect(new Set(keys).size).toBe(1);
});

test("something else that is asked is another change, and so is the same after an answer", async () => {
  const { send, keys } = writing([new NoAnswer(), "done", "done", refusal(422, "invalid"), "done"]);
  await send({ a: 1 });
  await send({ a: 2 });
  await send({ a: 2 });
  await send({ a: 3 });
  await send({ a: 3 });
  expect(new Set(keys).size).toBe(5);
});

test("what is touched is read anew when it is done, and when somebody else was faster", async () => {
  const { send, refreshed } = writing([refusal(422, "invalid"), refusal(409, "stale_version"), "done"]);
  await send({ a: 1 });
  expect(refreshed).not.toHaveBeenCalled();
  await send({ a: 1 });
  expect(refreshed).toHaveBeenCalledTimes(1);
  await send({ a: 1 });
  expect(refreshed).toHaveBeenCalledTimes(2);
});
