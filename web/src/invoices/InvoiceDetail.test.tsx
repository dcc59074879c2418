import { cleanup, render, screen, within } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, expect, test } from "vitest";
import type { Purchase } from "@/purchases/PurchaseList";
import { invoiceBody, invoiceValues } from "./form";
import type { Invoice } from "./invoice";
import { Differences, Match } from "./InvoiceDetail";

const PURCHASE = {
  id: "p", currency: "EUR",
  lines: [
    { line_no: 1, sku: "MUG", ordered: 12, received: 9, unit_cost: 400 },
    { line_no: 2, sku: "PLATE", ordered: 3, received: 0, unit_cost: 999 },
  ],
} as unknown as Purchase;
const WHY = "41.00 billed; 10 of 12 ordered for 48.00 are 40.00: 1.00 (2.5 %) more, up to 0.50 is let through.";
const INVOICE = {
  id: "i", currency: "EUR", subtotal: 4100,
  lines: [{ purchase_line: 1, sku: "MUG", quantity: 10, unit_cost: 410, total: 4100, over_allowed: 0 }],
  differences: [{ kind: "price", line_no: 1, sku: "MUG", within: false, why: WHY }, { kind: "charges", line_no: null, sku: null, within: true, why: "more freight" }],
} as unknown as Invoice;

afterEach(cleanup);

test("what is billed stands beside what was ordered and has come, with what differs", () => {
  render(
    <MemoryRouter>
      <Match of={INVOICE} purchase={PURCHASE} />
      <Differences of={INVOICE} />
    </MemoryRouter>,
  );
  const [, line, foot] = screen.getAllByRole("row");
  if (!line || !foot) throw new Error("rows are missing");
  expect(within(line).getAllByRole("cell").slice(1).map((cell) => cell.textContent)).toEqual(["12", "9", "10", "4.00EUR", "4.10EUR", "41.00EUR"]);
  expect(screen.getByText(WHY).className).toBe("bad");
  expect(screen.getByText("more freight").className).toBe("quiet");
  expect(foot.textContent).toContain("41.00");
});

test("an invoice to be entered starts from what has come, and lines without units are left out", () => {
  const values = invoiceValues(PURCHASE);
  expect(values.lines).toEqual({ l1: { units: "9", unit_cost: "4.00", total: "" }, l2: { units: "0", unit_cost: "9.99", total: "" } });
  const typed = { ...values, number: " RE-1 ", billed_on: "2026-03-02", tax: "6,84", total: "42.84" };
  expect(invoiceBody(typed, PURCHASE)).toEqual({
    number: "RE-1", billed_on: "2026-03-02", due_on: null, charges: 0, tax: 684, total: 4284,
    lines: [{ line_no: 1, quantity: 9, unit_cost: 400, total: null }],
  });
  expect(invoiceBody({ ...typed, total: "4.2.8" }, PURCHASE)).toBeNull();
  expect(invoiceBody({ ...typed, lines: { l1: { units: "9", unit_cost: "4.00", total: "35.90" } } }, PURCHASE)?.lines[0]?.total).toBe(3590);
});
