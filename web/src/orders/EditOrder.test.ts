import { expect, test } from "vitest";
import { changesOf } from "./EditOrder";
import type { Order } from "./order";

const order = { lines: [{ line_no: 1, quantity: 3, cancelled: 1 }, { line_no: 2, quantity: 1, cancelled: 0 }] } as Order;

test("only what was changed is asked for", () => {
  const values = { units: { l1: "2", l2: "1" }, added: [], shipping: "4.90" };
  expect(changesOf(values, order)).toEqual([]);
  expect(changesOf({ ...values, units: { l1: "0", l2: "1" } }, order)).toEqual([{ line_no: 1, quantity: 0, discount: 0 }]);
});

test("a new line has a SKU; an empty one is nothing", () => {
  const added = [{ sku: " MUG ", quantity: "2" }, { sku: " ", quantity: "9" }];
  expect(changesOf({ units: { l1: "2", l2: "1" }, added, shipping: "" }, order)).toEqual([{ sku: "MUG", quantity: 2, discount: 0 }]);
});
