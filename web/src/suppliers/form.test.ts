import { expect, test } from "vitest";
import { itemBody, itemValues, supplierBody, supplierValues } from "./form";
import type { Item, Supplier } from "./supplier";

const HANSA = {
  code: "HANSA", name: "Hansa", email: null, currency: "JPY", terms: "", pay_days: 30, lead_days: 14, order_weekdays: [0, 3],
  closed_dates: ["2026-12-25", "2027-01-01"], minimum_order: 5000, over_ppm: 25_000, rank: 100, active: true, version: 4,
} as unknown as Supplier;
const MUG = {
  supplier: "HANSA", sku: "MUG", supplier_sku: "H-1", unit_cost: 420, currency: "EUR", breaks: [{ from: 60, unit_cost: 350 }],
  minimum_quantity: 12, case_pack: 6, lead_days: 0, rank: null, active: true, version: 2,
} as unknown as Item;

test("a supplier that nobody touched is sent as it was", () => {
  const body = supplierBody(supplierValues(HANSA), 4);
  expect(body).toEqual({
    name: "Hansa", email: null, currency: "JPY", terms: "", pay_days: 30, lead_days: 14, order_weekdays: [0, 3],
    closed_dates: ["2026-12-25", "2027-01-01"], minimum_order: 5000, over_ppm: 25_000, rank: 100, active: true, version: 4,
  });
});

test("an amount that the currency does not have sends nothing", () => {
  const typed = { ...supplierValues(HANSA), minimum_order: "50.25" };
  expect(supplierBody(typed, 4)).toBeNull();
  expect(supplierBody({ ...typed, currency: " eur " }, 4)).toMatchObject({ currency: "EUR", minimum_order: 5025 });
  expect(supplierBody({ ...typed, minimum_order: "" }, null)).toMatchObject({ minimum_order: 0, version: null });
});

test("what a supplier sells comes back as it was, and a lead time of no days is not the supplier's", () => {
  expect(itemBody(itemValues(MUG), "EUR", 2)).toEqual({
    supplier_sku: "H-1", unit_cost: 420, breaks: [{ from_quantity: 60, unit_cost: 350 }], minimum_quantity: 12, case_pack: 6,
    lead_days: 0, rank: null, active: true, version: 2,
  });
});

test("price breaks go up in quantity however they were typed, and a wrong one sends nothing", () => {
  const breaks = [{ from_quantity: "120", unit_cost: "3.10" }, { from_quantity: "60", unit_cost: "3,50" }];
  expect(itemBody({ ...itemValues(MUG), breaks }, "EUR", 2)?.breaks).toEqual([
    { from_quantity: 60, unit_cost: 350 }, { from_quantity: 120, unit_cost: 310 },
  ]);
  expect(itemBody({ ...itemValues(MUG), breaks: [{ from_quantity: "60", unit_cost: "cheap" }] }, "EUR", 2)).toBeNull();
});
