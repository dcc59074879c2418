import { expect, test } from "vitest";
import { enteredOf, filterOf, filterText, NOTHING } from "./wave";

test("nothing entered asks for nothing", () => {
  const filter = filterOf(NOTHING);
  expect(filterText(filter)).toBe("everything that waits");
  expect(filter).toMatchObject({ due_within_minutes: null, lines: null, services: [], ship_complete: null, most_orders: null });
});

test("what is entered comes back as it was", () => {
  const entered = { ...NOTHING, hours: "4", services: "post express, van", lines: "single", complete: "whole", most_orders: "40" };
  expect(enteredOf(filterOf(entered))).toEqual(entered);
});

test("a filter is told in a line", () => {
  const filter = filterOf({ ...NOTHING, hours: "4", lines: "single", tags: "vip", most_orders: "1200" });
  expect(filterText(filter)).toBe("due within 4 h, single lines, tagged vip, at most 1,200 orders");
});
