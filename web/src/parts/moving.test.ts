import { expect, test } from "vitest";
import { isMoving, movingWords } from "./moving";

test("times that move are told in words", () => {
  expect(movingWords("today-7d@Europe/London")).toBe("7 days ago");
  expect(movingWords("now-1h")).toBe("1 hour ago");
  expect(movingWords("today@UTC")).toBe("today");
  expect(movingWords("this_month-2d")).toBe("2 days before this month’s start");
  expect(movingWords("2026-03-01T00:00:00Z")).toBeNull();
  expect([isMoving("today"), isMoving("yesterday"), isMoving(null)]).toEqual([true, false, false]);
});
