import { beforeEach, expect, test, vi } from "vitest";
import { NoAnswer, Problem } from "./problem";
import { onSignedOut, rememberCsrf, send } from "./send";

const asked: Request[] = [];
let answers: (Response | Error)[] = [];

beforeEach(() => {
  asked.length = 0;
  vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 500 });
  vi.stubGlobal("fetch", (request: Request) => {
    asked.push(request);
    const next = answers.shift() ?? new Response("{}");
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  });
});

const post = (headers?: HeadersInit) => new Request("http://console/api/v1/orders", { method: "POST", body: "{}", headers });
const refusal = (status: number, code: string) =>
  new Response(JSON.stringify({ error: { code, message: "A sentence.", details: {}, fields: [], request_id: "r-1" } }), { status });

test("every try of a change carries the same key and the session's token", async () => {
  rememberCsrf("token");
  answers = [new TypeError("network"), new Response("busy", { status: 503 }), new Response("{}")];
  await send(post());
  const keys = asked.map((request) => request.headers.get("Idempotency-Key"));
  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(1);
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(asked.every((request) => request.headers.get("X-CSRF-Token") === "token")).toBe(true);
});

test("a key that was given is kept, and reading needs none", async () => {
  answers = [];
  await send(post({ "Idempotency-Key": "mine" }));
  await send(new Request("http://console/api/v1/orders"));
  expect(asked.map((request) => request.headers.get("Idempotency-Key"))).toEqual(["mine", null]);
});

test("a refusal is the server's sentence, asked for once", async () => {
  answers = [refusal(409, "stale_version")];
  const problem = await send(post()).catch((error: unknown) => error);
  expect(problem).toBeInstanceOf(Problem);
  expect(problem).toMatchObject({ message: "A sentence.", status: 409, requestId: "r-1", isStale: true });
  expect(asked).toHaveLength(1);
});

test("silence is told as silence", async () => {
  answers = [new TypeError("1"), new TypeError("2"), new TypeError("3")];
  await expect(send(post())).rejects.toBeInstanceOf(NoAnswer);
  expect(asked).toHaveLength(3);
});

test("an ended session is noticed wherever it shows", async () => {
  const told = vi.fn();
  onSignedOut(told);
  answers = [refusal(401, "not_signed_in")];
  await expect(send(new Request("http://console/api/v1/orders"))).rejects.toBeInstanceOf(Problem);
  expect(told).toHaveBeenCalledOnce();
});
