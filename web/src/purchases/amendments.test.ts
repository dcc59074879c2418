import { expect, test } from "vitest";
import { dayOf } from "./PurchaseDetail";

test("an amended moment is told by its day, and all else as it was written", () => {
  expect(dayOf("2026-12-05 10:11:46.799194+00:00")).toBe("2026-12-05");
  expect(dayOf("2026-12-05T12:00:00Z")).toBe("2026-12-05");
  expect(dayOf("LW-80112")).toBe("LW-80112");
  expect(dayOf("12")).toBe("12");
  expect(dayOf(null)).toBe("–");
});
