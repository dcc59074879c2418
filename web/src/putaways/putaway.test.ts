import { expect, test } from "vitest";
import { binsText, ruleBody, ruleText, ruleValues, type PutawayRule } from "./putaway";

const RULE = { goods: "sku", value: "MUG", zone: null, bin: "R1", units_per_bin: null, strict: false } as PutawayRule;

test("a rule is a sentence", () => {
  expect(ruleText(RULE)).toBe("MUG into bin R1.");
  expect(ruleText({ ...RULE, goods: "category", value: "Home", zone: "A", bin: null, strict: true })).toBe("All of Home into zone A, and nowhere else.");
  expect(ruleText({ ...RULE, goods: "temperature", value: "chilled", bin: null, zone: "COLD" })).toBe("Chilled goods into zone COLD.");
  expect(ruleText({ ...RULE, goods: "everything", value: "", bin: null, units_per_bin: 50 })).toBe("Everything anywhere, at most 50 of a SKU in a bin.");
});

test("what a rule would do is said bin by bin", () => {
  expect(binsText([{ bin: "PICK", units: 4 }, { bin: null, units: 2 }])).toBe("4 into PICK, 2 have no place");
  expect(binsText([])).toBe("nothing is left");
});

test("what is left empty is null, and everything names no goods", () => {
  expect(ruleBody({ ...ruleValues(), goods: "everything", value: "MUG", units_per_bin: " 5 " })).toEqual({
    goods: "everything", value: "", priority: 100, zone: null, bin: null, units_per_bin: 5, strict: false,
  });
  expect(ruleBody(ruleValues({ ...RULE, node: "LON", code: "mugs", priority: 3 }))).toMatchObject({ value: "MUG", bin: "R1", priority: 3 });
});
