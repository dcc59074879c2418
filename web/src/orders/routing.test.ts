import { describe, expect, it } from "vitest";
import { planWords, rankWords, reasons, type RoutedNode } from "./routing";

const piece = (node: string, quantity: number, more = {}) => ({ line_no: 1, sku: "MUG", node, quantity, backordered: false, why: `from ${node}`, ...more });
const node = { node: "BER", km: 1234, days: 0, load: 7 } as RoutedNode;

describe("a plan in words", () => {
  it("sums what comes from one place, and keeps what waits apart", () => {
    expect(planWords([piece("BER", 1), piece("BER", 2, { line_no: 2 }), piece("BER", 3, { backordered: true })])).toEqual([
      "3 MUG from BER", "3 MUG from BER, when stock comes",
    ]);
  });
  it("gives each reason once", () => {
    expect(reasons([piece("BER", 1), piece("BER", 2), piece("LON", 1)])).toEqual(["from BER", "from LON"]);
  });
});

describe("what a rule said of a node", () => {
  it("is a word that people read", () => {
    expect(rankWords(node, "nearest", 24)).toBe("1,234 km");
    expect(rankWords({ ...node, km: null }, "nearest", null)).toBe("?");
    expect(rankWords(node, "fewest_splits", 1)).toBe("has all");
    expect(rankWords(node, "fewest_splits", 5)).toBe("lacks 2");
    expect(rankWords(node, "ranked", 0)).toBe("place 1");
    expect(rankWords(node, "soonest", 0)).toBe("today");
    expect(rankWords(node, "least_load", 0)).toBe("7 open");
  });
});
