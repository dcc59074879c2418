import type { Shape } from "@/api/client";
import { decimal, minorUnits } from "@/parts/Money";
import type { Purchase } from "@/purchases/PurchaseList";

type Line = { units: string; unit_cost: string; total: string };
export type InvoiceValues = {
  number: string; billed_on: string; due_on: string; lines: Record<string, Line>; charges: string; tax: string; total: string;
};

/** What has come, at what it was ordered for: what an invoice asks for when nothing is wrong with it. */
export function invoiceValues(p: Purchase): InvoiceValues {
  const line = (l: Purchase["lines"][number]) => ({ units: String(l.received), unit_cost: decimal(l.unit_cost, p.currency), total: "" });
  return {
    number: "", billed_on: "", due_on: "", charges: "", tax: "", total: "",
    lines: Object.fromEntries(p.lines.map((l) => [`l${l.line_no}`, line(l)])),
  };
}

/** What the API takes: lines of which no unit is billed are left out. Null when an amount cannot be read. */
export function invoiceBody(values: InvoiceValues, p: Purchase): Shape<"NewSupplierInvoice"> | null {
  const amount = (typed: string) => minorUnits(typed, p.currency);
  const orZero = (typed: string) => (typed.trim() ? amount(typed) : 0);
  const [charges, tax, total] = [orZero(values.charges), orZero(values.tax), amount(values.total)];
  const lines = p.lines.flatMap((l) => {
    const typed = values.lines[`l${l.line_no}`];
    if (!typed || !(Number(typed.units) > 0)) return [];
    const total = typed.total.trim() ? amount(typed.total) : undefined;
    return [{ line_no: l.line_no, quantity: Number(typed.units), unit_cost: amount(typed.unit_cost), total }];
  });
  if (charges === null || tax === null || total === null || lines.some((l) => l.unit_cost === null || l.total === null)) return null;
  return {
    number: values.number.trim(),
    billed_on: values.billed_on,
    due_on: values.due_on || null,
    lines: lines.map((l) => ({ ...l, unit_cost: l.unit_cost ?? 0, total: l.total ?? null })),
    charges,
    tax,
    total,
  };
}
