import { describe, expect, it } from "vitest";
import { isMoving, lines, parcelsByNode, reached, type Plan } from "./plans";

const side = (lane: number, parcels: number, by_node: Record<string, number>) => ({
  by_cause: { lane, split: 0, late: 0, wait: 0, load: 0, last: 0 }, parcels, split: 0, late: 1.5, waiting: 0, by_node,
});
const plan = { figures: { now: side(2700, 3, { LON: 2, BER: 1 }), planned: side(750, 2, { BER: 2 }) } } as unknown as Plan;

describe("a plan of open orders", () => {
  it("shows the causes that cost anything, then the counts", () => {
    expect(lines(plan).map((line) => [line.what, line.now, line.planned])).toEqual([
      ["Parcels, as carriers ask", 2700, 750],
      ["Parcels", 3, 2],
      ["Orders that are split", 0, 0],
      ["Orders that come late, on average", 1.5, 1.5],
      ["Units that wait for stock", 0, 0],
    ]);
  });

  it("names every node that sends on either side", () => {
    expect(parcelsByNode(plan)).toEqual([{ node: "BER", now: 1, planned: 2 }, { node: "LON", now: 2, planned: 0 }]);
  });

  it("says how much of what can be saved is saved", () => {
    expect(reached({ cost_now: 100, cost_planned: 40, bound: 20 })).toBe(75);
    expect(reached({ cost_now: 100, cost_planned: 100, bound: 100 })).toBeNull();
  });

  it("is looked at again while something happens to it", () => {
    expect(isMoving({ status: "applying" })).toBe(true);
    expect(isMoving({ status: "applied" })).toBe(false);
  });
});
