import type { Shape } from "@/api/client";
import { decimal, minorUnits } from "@/parts/Money";
import { percentOf, ppmOf } from "@/parts/percent";
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

export type ToleranceValues = { supplier: string; currency: string; percent: string; amount: string; units: string };
export type ToleranceInput = { supplier: string; currency: string; body: Shape<"ToleranceBody"> };

export function toleranceValues(t: Shape<"MatchTolerance"> | undefined): ToleranceValues {
  if (!t) return { supplier: "", currency: "EUR", percent: "", amount: "", units: "" };
  return { supplier: t.supplier, currency: t.currency, percent: percentOf(t.price_ppm), amount: decimal(t.amount, t.currency), units: String(t.units) };
}

/** What is left empty lets nothing through. Null when something cannot be read. */
export function toleranceBody(values: ToleranceValues, version: number | null): ToleranceInput | null {
  const currency = values.currency.trim().toUpperCase();
  const price_ppm = values.percent.trim() ? ppmOf(values.percent) : 0;
  const amount = values.amount.trim() ? minorUnits(values.amount, currency) : 0;
  if (price_ppm === null || amount === null) return null;
  return { supplier: values.supplier.trim(), currency, body: { price_ppm, amount, units: Number(values.units) || 0, version } };
}

type Back = { units: string; each: string; off: string };
export type CreditValues = {
  number: string; credited_on: string; invoice_id: string; lines: Record<string, Back>; charges: string; other: string; tax: string; total: string;
};

/** What is owed of the order, at what it was billed for: what a credit note gives back when nothing is wrong with it. */
export function creditValues(p: Purchase, owed: Shape<"SupplierClaim">[]): CreditValues {
  const line = (l: Purchase["lines"][number]): Back => {
    const of = owed.find((claim) => claim.line_no === l.line_no);
    const units = of?.owed_units ?? 0;
    const each = of && units > 0 && of.owed_for_units % units === 0 ? of.owed_for_units / units : l.unit_cost;
    return { units: String(units), each: decimal(each, p.currency), off: of && of.owed_of_price > 0 ? decimal(of.owed_of_price, p.currency) : "" };
  };
  return {
    number: "", credited_on: "", invoice_id: "", charges: "", other: "", tax: "", total: "",
    lines: Object.fromEntries(p.lines.map((l) => [`l${l.line_no}`, line(l)])),
  };
}

/** What the API takes: lines of which nothing is given back are left out. Null when an amount cannot be read. */
export function creditBody(values: CreditValues, p: Purchase): Shape<"NewSupplierCredit"> | null {
  const orZero = (typed: string) => (typed.trim() ? minorUnits(typed, p.currency) : 0);
  const [charges, other, tax] = [orZero(values.charges), orZero(values.other), orZero(values.tax)];
  const total = minorUnits(values.total, p.currency);
  const lines: Shape<"NewSupplierCredit">["lines"] = [];
  for (const { line_no } of p.lines) {
    const typed = values.lines[`l${line_no}`];
    const [each, off] = [minorUnits(typed?.each ?? "", p.currency), orZero(typed?.off ?? "")];
    const quantity = Number(typed?.units) || 0;
    if (off === null || (quantity > 0 && each === null)) return null;
    if (quantity > 0) lines.push({ line_no, quantity, unit_cost: each ?? 0, total: null });
    if (off > 0) lines.push({ line_no, quantity: 0, unit_cost: 0, total: off });
  }
  if (charges === null || other === null || tax === null || total === null) return null;
  return {
    number: values.number.trim(), credited_on: values.credited_on, invoice_id: values.invoice_id || null, lines, charges, other, tax, total,
  };
}
