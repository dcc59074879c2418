import { expect, test } from "vitest";
import { eventReader, type LiveEvent } from "./stream";

const line = (id: number, subject: string) =>
  `id: ${id}\nevent: OrderPlaced\ndata: ${JSON.stringify({ kind: "OrderPlaced", subject, at: "2026-01-01T00:00:00Z", payload: {} })}\n\n`;

test("events are read wherever the network cuts them", () => {
  const whole = `retry: 2000\n\n${line(7, "order:a")}: still here\n\n${line(8, "order:b")}`;
  for (let size = 1; size < whole.length; size += 1) {
    const got: LiveEvent[] = [];
    const read = eventReader((event) => got.push(event));
    for (let at = 0; at < whole.length; at += size) read(whole.slice(at, at + size));
    expect(got.map((e) => [e.id, e.subject])).toEqual([["7", "order:a"], ["8", "order:b"]]);
  }
});

test("what cannot be read is left out, and what follows it is not lost", () => {
  const got: string[] = [];
  eventReader((event) => got.push(event.id))(`id: 1\ndata: {"kind":\n\n${line(2, "order:a")}`);
  expect(got).toEqual(["2"]);
});
