import { expect, test } from "vitest";
import { forOrders, straightOn, tasksOf, unitsFor } from "./shelf";

const task = (number: string, sku: string, lot = "") => ({ number, sku, lot, barcode: sku === "MUG" ? "4006381333931" : null });
const suggestion = (bin: string, quantity: number, purpose: "store" | "cross_dock" = "store") => ({
  no: 1, bin, quantity, purpose, rule: null, why: "it takes all", seconds: 60, second_bin: null, second_seconds: null, second_why: null,
});

test("a scan means the task of that number or lot, else all of those goods", () => {
  const tasks = [task("PA100001", "TEA", "L1"), task("PA100002", "TEA", "L2"), task("PA100003", "MUG")];
  const numbers = (code: string) => tasksOf(code, tasks).map((one) => one.number);
  expect(numbers("pa100002")).toEqual(["PA100002"]);
  expect(numbers("L1")).toEqual(["PA100001"]);
  expect(numbers("tea")).toEqual(["PA100001", "PA100002"]);
  expect(numbers("4006381333931")).toEqual(["PA100003"]);
  expect(numbers("")).toEqual([]);
  expect(numbers("BOWL")).toEqual([]);
});

test("Enter puts what is suggested for the bin, and into another one all that is left", () => {
  const open = { left: 9, suggestions: [suggestion("R1", 4), suggestion("R2", 5)] };
  expect(unitsFor("r1", open)).toBe(4);
  expect(unitsFor("R2", open)).toBe(5);
  expect(unitsFor("R7", open)).toBe(9);
});

test("orders that wait are told with their units, and where to bring them", () => {
  const two = [{ order: "100301", units: 2 }, { order: "100305", units: 1 }];
  expect(forOrders([])).toBeNull();
  expect(forOrders(two.slice(0, 1))).toBe("2 for order 100301");
  expect(forOrders(two)).toBe("3 for orders 100301 (2), 100305 (1)");
  const straight = { bin: "RECEIVING", waiting: two, suggestions: [suggestion("P1", 3, "cross_dock"), suggestion("R1", 6)] };
  expect(straightOn("Mug", [{ ...straight, waiting: [] }])).toBeNull();
  expect(straightOn("Mug", [straight])).toEqual(["Mug: 3 for orders 100301 (2), 100305 (1)", "Bring them to P1, next to packing."]);
  expect(straightOn("Mug", [{ ...straight, suggestions: [] }])?.[1]).toBe("They are picked from RECEIVING: leave them there.");
});
