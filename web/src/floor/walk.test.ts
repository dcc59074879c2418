import { describe, expect, it } from "vitest";
import { isItem, nextTask, openUnits, progress, typedQuantity, type Task, type Walk } from "./walk";

const task = (more: Partial<Task>): Task => ({
  id: "t", sequence: 1, bin: "A-01", sku: "MUG", title: "Mug", barcode: "2904000000017", lot: "", quantity: 3, picked: 0,
  short: 0, done: false, fulfilment: "F1", ...more,
});
const walk = (...tasks: Task[]): Walk => ({ id: "w", node: "LON", status: "open", version: 1, next: [], tasks });

describe("a walk", () => {
  it("goes to the first bin that is not done", () => {
    const second = task({ id: "second" });
    expect(nextTask(walk(task({ done: true }), second))).toBe(second);
    expect(nextTask(walk(task({ done: true })))).toBeUndefined();
  });

  it("counts what is short as done with", () => {
    expect(openUnits(task({ picked: 1, short: 1 }))).toBe(1);
    expect(progress(walk(task({ picked: 1, short: 1 }), task({ done: true, picked: 1 })))).toEqual({ done: 5, all: 6 });
  });
});

describe("a scan", () => {
  it("is the thing by SKU or by barcode, in any case and with a scanner's blanks", () => {
    expect(isItem(" mug ", task({}))).toBe(true);
    expect(isItem("2904000000017", task({}))).toBe(true);
    expect(isItem("2904000000018", task({}))).toBe(false);
    expect(isItem("null", task({ barcode: null }))).toBe(false);
  });

  it("is a quantity only when it is too short for a barcode", () => {
    expect(typedQuantity("12")).toBe(12);
    expect(typedQuantity("12345")).toBeNull();
    expect(typedQuantity("1a")).toBeNull();
    expect(typedQuantity("")).toBeNull();
  });
});
