import { describe, expect, it } from "vitest";
import { byNode, byNodeOf, fresh, KINDS, lines, marketsOf, moved, nodesOf, textOf, told, type Tried } from "./rules";

describe("the order of rules", () => {
  it("moves one and keeps the others in their order", () => {
    expect(moved(["a", "b", "c"], 2, 0)).toEqual(["c", "a", "b"]);
    expect(moved(["a", "b", "c"], 0, 1)).toEqual(["b", "a", "c"]);
  });
  it("stays as it is beyond its ends", () => {
    expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
    expect(moved(["a", "b"], 1, 2)).toEqual(["a", "b"]);
  });
});

describe("what people write of a rule", () => {
  it("reads nodes in their order, once each", () => {
    expect(nodesOf("LON, RTM LON;TLL")).toEqual(["LON", "RTM", "TLL"]);
  });
  it("reads a line for each node, and leaves out what is not finished", () => {
    expect(byNodeOf("LON: GB, IE\nRTM:\nTLL")).toEqual({ LON: ["GB", "IE"], RTM: [] });
  });
  it("reads a line for each market", () => {
    expect(marketsOf("DE AT\n\nGB, IE")).toEqual([["DE", "AT"], ["GB", "IE"]]);
  });
  it("comes back as it was written, for every kind", () => {
    const written: Record<string, string> = { nothing: "", nodes: "LON, RTM", countries: "LON: GB IE", classes: "LON: 3 2.1", markets: "DE AT\nGB IE", limit: "12" };
    for (const [kind, { needs }] of Object.entries(KINDS)) {
      const rule = told(fresh(kind as keyof typeof KINDS), written[needs] ?? "");
      expect(textOf(rule)).toBe(written[needs]);
    }
  });
  it("takes no number for what is none", () => {
    expect(told(fresh("nearest"), "far").limit).toBeNull();
  });
});

const side = (more: Partial<Tried["now"]>): Tried["now"] => ({ orders: 2, refused: 0, parcels: 3, split: 1, waiting: 0, km: 1200, measured: 2, days: 1, by_node: [], ...more });

describe("a trial", () => {
  const tried = { now: side({ by_node: [{ node: "LON", parcels: 3 }] }), tried: side({ parcels: 2, measured: 0, by_node: [{ node: "BER", parcels: 2 }] }) } as Tried;
  it("has a bar for every node of either side", () => {
    expect(byNode(tried)).toEqual([{ node: "BER", now: 0, tried: 2 }, { node: "LON", now: 3, tried: 0 }]);
  });
  it("shows no distance where none was measured", () => {
    expect(lines(tried).find((line) => line.what.startsWith("Kilometres"))).toEqual({ what: "Kilometres of all parcels", now: "1,200", tried: "–" });
  });
});
