import { expect, test } from "vitest";
import { ageOf, daysLeft } from "./lot";

const noon = Date.parse("2026-03-02T12:00:00Z");
const until = (expires_at: string | null) => ({ expires_at });

test("the last day of use counts until it is over", () => {
  expect(daysLeft(until("2026-03-03T00:00:00Z"), noon)).toBe(1);
  expect(ageOf(until("2026-03-03T00:00:00Z"), noon)).toBe("near");
  expect(daysLeft(until("2026-03-02T12:00:00Z"), noon)).toBe(0);
  expect(ageOf(until("2026-03-02T00:00:00Z"), noon)).toBe("expired");
});

test("a lot is near its end for thirty days, and one without a day never", () => {
  expect(ageOf(until("2026-04-01T12:00:00Z"), noon)).toBe("near");
  expect(ageOf(until("2026-04-02T12:00:00Z"), noon)).toBeNull();
  expect(ageOf(until(null), noon)).toBeNull();
  expect(daysLeft(until(null), noon)).toBeNull();
});
