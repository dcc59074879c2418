import { describe, expect, it } from "vitest";
import { fresh, KINDS, listOf, when } from "./rules";

describe("carrier rules in words", () => {
  it("fit every parcel as they begin", () => {
    for (const kind of Object.keys(KINDS) as (keyof typeof KINDS)[]) expect(when(fresh(kind))).toBe("every parcel");
  });

  it("say each condition that is set", () => {
    const rule = { ...fresh("forbid"), channels: ["web", "store"], countries: ["DE"], over_grams: 5000, fragile: true, within_days: 0 };
    expect(when(rule)).toBe("channel web or store, to DE, over 5000 g, fragile, promised within 0 days");
  });

  it("take lists with commas, each once", () => {
    expect(listOf("swiftway express, post,, post")).toEqual(["swiftway express", "post"]);
  });
});
