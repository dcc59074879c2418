import { expect, it } from "vitest";
import { counted, inParcel, isFull, take } from "./parcel";

const lines = [
  { line_no: 1, sku: "MUG", left: 2 },
  { line_no: 2, sku: "BOWL", left: 1 },
  { line_no: 3, sku: "MUG", left: 1 }, // the same mug in a kit
];

it("takes no more of a SKU than its lines together have left", () => {
  expect(take(lines, { MUG: 2 }, "MUG", null)).toEqual({ MUG: 3 });
  expect(take(lines, { MUG: 3 }, "MUG", null)).toBeNull();
  expect(take(lines, {}, "BOWL", 2)).toBeNull();
  expect(take(lines, { MUG: 3 }, "MUG", 1)).toEqual({ MUG: 1 });
});

it("hands the units out to the lines, the first ones first", () => {
  expect(inParcel(lines, { MUG: 3 })).toEqual([
    { sku: "MUG", line_no: 1, quantity: 2 },
    { sku: "MUG", line_no: 3, quantity: 1 },
  ]);
});

it("is full when nothing is left", () => {
  expect(isFull(lines, { MUG: 3 })).toBe(false);
  expect(isFull(lines, { MUG: 3, BOWL: 1 })).toBe(true);
  expect(counted({ MUG: 3, BOWL: 1 })).toBe(4);
});
