import { expect, test } from "vitest";
import { percentOf, ppmOf } from "@/parts/percent";
import { bodyOf, NEW_VARIANT, pairs, parts, type ProductValues } from "./form";

const values: ProductValues = {
  handle: "mug", title: " Mug ", description: "", brand: "", category: "", status: "active", images: "https://a/1.jpg\n\n",
  attributes: "material: clay\nheight: 12\nwashable: true\nnote: 007\nnonsense",
  variants: [{ ...NEW_VARIANT, sku: "MUG", tax: "7.7125", prices: [{ currency: "jpy", amount: "1200" }], components: "2 BOWL\n1 × JAR" }],
};

test("what was entered becomes what the API takes", () => {
  const body = bodyOf(values, 3);
  expect(body).toMatchObject({
    title: "Mug", brand: null, images: ["https://a/1.jpg"], version: 3,
    attributes: { material: "clay", height: 12, washable: true, note: "007" },
  });
  expect(body?.variants?.[0]).toMatchObject({ tax_rate_ppm: 77125, prices: { JPY: 1200 }, components: { BOWL: 2, JAR: 1 }, cost_amount: null });
});

test("an amount that cannot be read sends nothing", () => {
  const wrong = { ...values, variants: [{ ...NEW_VARIANT, sku: "MUG", cost: "1.234", cost_currency: "EUR" }] };
  expect(bodyOf(wrong, null)).toBeNull();
});

test("percentages are exact both ways", () => {
  for (const ppm of [0, 1, 10_000, 77_125, 190_000, 200_000, 1_000_000]) expect(ppmOf(percentOf(ppm))).toBe(ppm);
  expect(percentOf(200_000)).toBe("20");
  expect(ppmOf("7.71255")).toBeNull();
});

test("lines that say nothing are left out", () => {
  expect(pairs("a: 1\n: 2\nb:\n c : d: e ")).toEqual([["a", "1"], ["c", "d: e"]]);
  expect(parts("2 A\nB\nx C\n10 D-1")).toEqual({ A: 2, "D-1": 10 });
});
