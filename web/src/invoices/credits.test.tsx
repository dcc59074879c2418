import { cleanup, render, screen, within } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, expect, test } from "vitest";
import type { Purchase } from "@/purchases/PurchaseList";
import type { Claim, Credit } from "./credit";
import { GivenBack } from "./CreditDetail";
import { creditBody, creditValues, toleranceBody, toleranceValues } from "./form";

const PURCHASE = {
  id: "p", currency: "EUR",
  lines: [
    { line_no: 1, sku: "MUG", ordered: 12, received: 12, unit_cost: 400 },
    { line_no: 2, sku: "PLATE", ordered: 3, received: 3, unit_cost: 999 },
  ],
} as unknown as Purchase;
const OWED = [
  { line_no: 1, sku: "MUG", owed_units: 3, owed_for_units: 1230, owed_of_price: 250, owed: 1480, currency: "EUR" },
] as unknown as Claim[];
const WHY = "3 given back; of 12 billed 10 were kept and 0 given back before: 1 more than are owed.";
const CREDIT = {
  id: "c", currency: "EUR", subtotal: 1480,
  lines: [
    { no: 1, purchase_line: 1, sku: "MUG", quantity: 3, unit_cost: 410, total: 1230 },
    { no: 2, purchase_line: 1, sku: "MUG", quantity: 0, unit_cost: 0, total: 250 },
  ],
  differences: [{ kind: "quantity", line_no: 1, sku: "MUG", within: false, why: WHY }, { kind: "other", line_no: null, sku: null, within: true, why: "a bonus" }],
} as unknown as Credit;

afterEach(cleanup);

test("what is given back is shown line by line, with what differs from what is owed", () => {
  render(
    <MemoryRouter>
      <GivenBack of={CREDIT} />
    </MemoryRouter>,
  );
  const [, units, price] = screen.getAllByRole("row");
  if (!units || !price) throw new Error("rows are missing");
  expect(within(units).getAllByRole("cell").slice(1).map((cell) => cell.textContent)).toEqual(["3", "4.10EUR", "12.30EUR"]);
  expect(within(price).getAllByRole("cell").slice(1).map((cell) => cell.textContent)).toEqual(["off the price", "", "2.50EUR"]);
  expect(screen.getByText(WHY).className).toBe("bad");
  expect(screen.getByText("a bonus").className).toBe("quiet");
});

test("a credit note to be entered begins with what is owed, and lines of which nothing is given back are left out", () => {
  const values = creditValues(PURCHASE, OWED);
  expect(values.lines).toEqual({ l1: { units: "3", each: "4.10", off: "2.50" }, l2: { units: "0", each: "9.99", off: "" } });
  const typed = { ...values, number: " GS-1 ", credited_on: "2026-03-02", tax: "2,81", total: "17.61" };
  expect(creditBody(typed, PURCHASE)).toEqual({
    number: "GS-1", credited_on: "2026-03-02", invoice_id: null, charges: 0, other: 0, tax: 281, total: 1761,
    lines: [{ line_no: 1, quantity: 3, unit_cost: 410, total: null }, { line_no: 1, quantity: 0, unit_cost: 0, total: 250 }],
  });
  expect(creditBody({ ...typed, invoice_id: "i" }, PURCHASE)?.invoice_id).toBe("i");
  expect(creditBody({ ...typed, total: "" }, PURCHASE)).toBeNull();
  expect(creditBody({ ...typed, lines: { l1: { units: "3", each: "4.1.0", off: "" } } }, PURCHASE)).toBeNull();
});

test("a tolerance lets nothing through of what is left empty", () => {
  const typed = { ...toleranceValues(undefined), supplier: " HANSA ", currency: "jpy", percent: "2,5", amount: "500" };
  expect(toleranceBody(typed, null)).toEqual({ supplier: "HANSA", currency: "JPY", body: { price_ppm: 25000, amount: 500, units: 0, version: null } });
  expect(toleranceBody({ ...typed, amount: "5.001" }, null)).toBeNull();
  expect(toleranceBody({ ...typed, percent: "much" }, null)).toBeNull();
});
