import { expect, it } from "vitest";
import { code128 } from "./code128";

it("starts, checks and stops as the worked example does", () => {
  // "PJJ123C" sums up to 878 with the start of set A, which is 103; with that of set B it is 879, so symbol 55.
  const widths = code128("PJJ123C").join("");
  expect(widths.slice(0, 6)).toBe("211214");
  expect(widths.slice(-13, -7)).toBe("311321");
  expect(widths.slice(-7)).toBe("2331112");
  expect(widths).toHaveLength(6 * 9 + 7);
});

it("is as wide as its characters: eleven modules each and thirteen for the stop", () => {
  const modules = code128("PA000000000116").reduce((sum, width) => sum + width, 0);
  expect(modules).toBe(11 * (1 + 14 + 1) + 13);
});
