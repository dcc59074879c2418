import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Told, View } from "./ask";
import { Door } from "./Door";
import { isWhole, questionOf, verdictOf, type Wanted } from "./Give";
import { Sum } from "./Sum";
import { say, sayOf, stateOf } from "./texts";

afterEach(cleanup);
beforeEach(() => vi.stubGlobal("scrollTo", () => undefined));

const WANTED: Wanted = { units: 2, reason: "faulty", words: " hums ", photos: [] };

test("only lines of which something comes back with a reason are asked for", () => {
  expect(questionOf({ 1: WANTED, 2: { ...WANTED, units: 0 } }, "label")).toEqual({
    lines: [{ line_no: 1, quantity: 2, reason: "faulty", remark: "hums" }],
    way: "label",
  });
  expect(isWhole({})).toBe(false);
  expect(isWhole({ 1: WANTED, 2: { ...WANTED, reason: "" } })).toBe(false);
  expect(isWhole({ 1: WANTED, 2: { ...WANTED, units: 0, reason: "" } })).toBe(true);
});

test("texts fill their gaps, and what a server of tomorrow says is shown by its own name", () => {
  expect(say("yourOrder", { number: "{order}" })).toBe("Order {order}");
  expect(sayOf("state", "on_hold")).toBe("on hold");
  expect(stateOf({ status: "approved", parcel: "on_its_way" })).toBe("On its way to us");
  expect(stateOf({ status: "refunded", parcel: "arrived" })).toBe("Paid back");
});

test("a line says until when, or why not", () => {
  expect(verdictOf({ verdict: "open", until: "2026-04-02" })).toMatch(/^Until .*2026/);
  expect(verdictOf({ verdict: "over", until: "2026-04-02" })).toMatch(/could come back until/);
  expect(verdictOf({ verdict: "final", until: null })).toBe("Final sale: it cannot come back");
});

test("the sum shows the server's numbers and who pays for the label", () => {
  const told = {
    preview: { currency: "EUR", lines: [{ line_no: 1, quantity: 2, title: "Mug", paid: 2000, allowed: true, refund_when: "handover" }], fee: 200, shipping: 150, label: 450, label_paid_by: "customer", total: 1500, tax: 240, approved_at_once: true, keep_why: null },
    label: { amount: 450 },
  } as unknown as Told;
  const { container } = render(<Sum told={told} />);
  expect([...container.querySelectorAll("dd")].map((each) => each.textContent)).toEqual(["20.00 EUR", "−2.00 EUR", "1.50 EUR", "−4.50 EUR", "15.00 EUR"]);
  expect(screen.getByText(/once the carrier has scanned/)).toBeTruthy();
});

const VIEW = {
  number: "100301", currency: "EUR", csrf_token: "t", ways: ["own"], reasons: ["faulty"], returns: [],
  lines: [{ line_no: 1, title: "Mug", options: { size: "M" }, image: null, returnable: 2, allowed: true, verdict: "open", until: null, reasons: ["faulty"] }],
} as unknown as View;

function server(answers: Record<string, [number, unknown]>) {
  const asked: { path: string; body: unknown; headers: Record<string, string> }[] = [];
  vi.stubGlobal("fetch", (whole: string, init: { method: string; body?: string; headers: Record<string, string> }) => {
    const path = whole.replace("/api/v1/return-door", "");
    asked.push({ path, body: init.body ? JSON.parse(init.body) : null, headers: init.headers });
    const [status, body] = answers[`${init.method} ${path}`] ?? [404, {}];
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
  return asked;
}
const no = (code: string, message: string): [number, unknown] => [401, { error: { code, message, fields: [] } }];

test("a stranger is asked for order and e-mail, then for the code, and a wrong one can be mended", async () => {
  const answers: Record<string, [number, unknown]> = { "GET ": no("not_at_door", "who?"), "POST /code": [202, { challenge: "c" }], "POST /session": no("wrong_code", "This is not the code.") };
  const asked = server(answers);
  render(<Door />);
  fireEvent.change(await screen.findByLabelText("Order number"), { target: { value: " 100301 " } });
  fireEvent.change(screen.getByLabelText("E-mail address you ordered with"), { target: { value: "ada@example.org" } });
  fireEvent.click(screen.getByText("Send me a code"));
  fireEvent.change(await screen.findByLabelText("Code from the mail"), { target: { value: "123456" } });
  fireEvent.click(screen.getByText("Continue"));
  expect((await screen.findByRole("alert")).textContent).toBe("This is not the code.");
  answers["POST /session"] = [201, { csrf_token: "t" }];
  answers["GET "] = [200, VIEW];
  fireEvent.change(screen.getByLabelText("Code from the mail"), { target: { value: "654321" } });
  fireEvent.click(screen.getByText("Continue"));
  expect(await screen.findByText("Order 100301")).toBeTruthy();
  expect(asked.find(({ path }) => path === "/code")?.body).toEqual({ order: "100301", email: "ada@example.org" });
});

test("a link lets in, and is out of sight at once", async () => {
  location.hash = "#secret";
  const asked = server({ "POST /session/link": [201, { csrf_token: "t" }], "GET ": [200, VIEW] });
  render(<Door />);
  await screen.findByText("Order 100301");
  expect(location.hash).toBe("");
  expect(asked[0]?.body).toEqual({ link: "secret" });
});

test("an answer that is lost keeps what was chosen, and the same key goes again", async () => {
  const answers: Record<string, [number, unknown]> = {
    "GET ": [200, VIEW],
    "POST /preview": [200, { preview: { currency: "EUR", lines: [], fee: 0, shipping: 0, label: 0, label_paid_by: "customer", total: 1000, tax: 0, allowed: true, approved_at_once: false, keep_why: null }, label: null }],
    "POST /returns": [503, { error: { code: "unavailable", message: "Not now.", fields: [] } }],
  };
  const asked = server(answers);
  render(<Door />);
  fireEvent.click(await screen.findByText("What would you like to give back?"));
  fireEvent.click(screen.getByLabelText("+ Mug, M"));
  fireEvent.change(screen.getByLabelText("Why"), { target: { value: "faulty" } });
  fireEvent.click(screen.getByText("See what you get back"));
  fireEvent.click(await screen.findByText("Ask for this return"));
  expect((await screen.findByRole("alert")).textContent).toBe("Not now.");
  fireEvent.click(screen.getByText("Ask for this return"));
  await waitFor(() => expect(asked.filter(({ path }) => path === "/returns").length).toBe(2));
  const keys = asked.filter(({ path }) => path === "/returns").map(({ headers }) => headers["Idempotency-Key"]);
  expect(keys[0]).toBe(keys[1]);
});
