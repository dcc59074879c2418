import { expect, test } from "vitest";
import { changesOf, summaryOf } from "./changes";
import { recordPlace } from "./places";

test("a change is told field by field, and what stayed is left out", () => {
  expect(changesOf({ status: "placed", version: 1, email: "a" }, { status: "held", version: 2, email: "a" })).toEqual([
    { field: "status", before: "placed", after: "held" },
    { field: "version", before: "1", after: "2" },
  ]);
  expect(changesOf(null, { name: "Ada" })).toEqual([{ field: "name", before: null, after: "Ada" }]);
  expect(changesOf({ tags: ["a", "b"] }, null)).toEqual([{ field: "tags", before: "a, b", after: null }]);
});

test("records lead to where they are shown", () => {
  expect(recordPlace("order_line:01a2/3")).toBe("/orders/01a2");
  expect(recordPlace("payment_entry:7")).toBeNull();
});

test("a summary leaves bookkeeping out and counts what it does not show", () => {
  const changes = changesOf({ status: "packed", version: 1, updated_at: "a" }, { status: "labelled", version: 2, updated_at: "b" });
  expect(summaryOf(changes)).toBe("status packed → labelled");
  expect(summaryOf(changesOf(null, { a: 1, b: 2, c: 3, d: 4 }))).toBe("a 1, b 2, c 3, and 1 more");
});
