import { expect, test } from "vitest";
import { remember } from "./recent";

const item = (n: number) => ({ label: String(n), about: "", path: `/orders/${n}` });

test("the newest is first, each once, and a dozen are kept", () => {
  let kept = Array.from({ length: 12 }, (_, n) => item(n));
  kept = remember(item(5), kept);
  expect(kept.map((i) => i.label).slice(0, 3)).toEqual(["5", "0", "1"]);
  expect(kept).toHaveLength(12);
  expect(remember(item(99), kept)).toHaveLength(12);
});
