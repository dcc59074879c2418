import { expect, test } from "vitest";
import { placeOf } from "./places";

test("each kind leads somewhere, with odd characters in place", () => {
  expect(placeOf({ kind: "order", id: "1", title: "100" })).toBe("/orders/1");
  expect(placeOf({ kind: "sku", id: "A+B", title: "A+B" })).toBe("/stock?sku_eq=A%2BB");
  expect(placeOf({ kind: "supplier", id: "A/B", title: "Hansa" })).toBe("/suppliers/A%2FB");
  expect(placeOf({ kind: "bin", id: "LON/A-1", title: "A-1" })).toBe("/stock/bins?node_eq=LON&bin_eq=A-1");
});
