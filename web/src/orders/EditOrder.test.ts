import { expect, test } from "vitest";
import { changesOf, newAddress } from "./EditOrder";
import type { Order } from "./order";

const pays = { provider: "", token: "" };
const order = { shipping_address: { name: "Ada", city: "York", country: "GB" }, lines: [{ line_no: 1, quantity: 3, cancelled: 1 }, { line_no: 2, quantity: 1, cancelled: 0 }] } as Order;

test("only what was changed is asked for", () => {
  const values = { units: { l1: "2", l2: "1" }, nodes: {}, added: [], shipping: "4.90", address: {}, pays };
  expect(changesOf(values, order)).toEqual([]);
  expect(changesOf({ ...values, units: { l1: "0", l2: "1" } }, order)).toEqual([{ line_no: 1, quantity: 0, discount: 0, node: null }]);
});

test("a line that is to come from another node is asked for with the units that it has", () => {
  const values = { units: { l1: "2", l2: "1" }, nodes: { l2: " BER " }, added: [], shipping: "", address: {}, pays };
  expect(changesOf(values, order)).toEqual([{ line_no: 2, quantity: 1, discount: 0, node: "BER" }]);
});

test("a new line has a SKU; an empty one is nothing", () => {
  const added = [{ sku: " MUG ", quantity: "2", node: " BER " }, { sku: " ", quantity: "9", node: "" }];
  expect(changesOf({ units: { l1: "2", l2: "1" }, nodes: {}, added, shipping: "", address: {}, pays }, order)).toEqual([{ sku: "MUG", quantity: 2, discount: 0, node: "BER" }]);
});

test("an address is named when it is another one", () => {
  expect(newAddress({ name: "Ada", city: " York ", line1: "" }, order)).toBeNull();
  expect(newAddress({ name: "Ada", city: "Leeds", line1: "" }, order)).toEqual({ name: "Ada", city: "Leeds", country: "GB" });
  expect(newAddress({ name: "", city: "York" }, order)).toEqual({ city: "York", country: "GB" });
});
