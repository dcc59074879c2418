import type { Shape } from "@/api/client";
import { decimal, minorUnits } from "@/parts/Money";
import { percentOf, ppmOf } from "@/parts/percent";
import { breaksOf, DAYS, type Item, type Supplier } from "./supplier";

/** Fields are named as the API names them, so that a refusal finds its place. */
export type SupplierValues = {
  supplier: string; name: string; email: string; currency: string; terms: string; pay_days: string; lead_days: string;
  order_weekdays: boolean[]; closed_dates: string; minimum_order: string; over_ppm: string; rank: string; active: boolean;
};

export function supplierValues(s?: Supplier): SupplierValues {
  const currency = s?.currency ?? "EUR";
  const open = (s?.order_weekdays ?? [0, 1, 2, 3, 4]) as number[];
  return {
    supplier: s?.code ?? "",
    name: s?.name ?? "",
    email: s?.email ?? "",
    currency,
    terms: s?.terms ?? "",
    pay_days: String(s?.pay_days ?? 30),
    lead_days: String(s?.lead_days ?? 14),
    order_weekdays: DAYS.map((_, day) => open.includes(day)),
    closed_dates: ((s?.closed_dates ?? []) as string[]).join(", "),
    minimum_order: s?.minimum_order ? decimal(s.minimum_order, currency) : "",
    over_ppm: percentOf(s?.over_ppm ?? 0),
    rank: String(s?.rank ?? 100),
    active: s?.active ?? true,
  };
}

/** What the API takes; null when an amount cannot be read. */
export function supplierBody(values: SupplierValues, version: number | null): Shape<"SupplierBody"> | null {
  const currency = values.currency.trim().toUpperCase();
  const minimum = values.minimum_order.trim() ? minorUnits(values.minimum_order, currency) : 0;
  const over = ppmOf(values.over_ppm);
  if (minimum === null || over === null) return null;
  return {
    name: values.name.trim(),
    email: values.email.trim() || null,
    currency,
    terms: values.terms.trim(),
    pay_days: Number(values.pay_days),
    lead_days: Number(values.lead_days),
    order_weekdays: values.order_weekdays.flatMap((on, day) => (on ? [day] : [])),
    closed_dates: values.closed_dates.split(/[\s,]+/).filter(Boolean),
    minimum_order: minimum,
    over_ppm: over,
    rank: Number(values.rank),
    active: values.active,
    version,
  };
}

export type ItemValues = {
  sku: string; supplier_sku: string; unit_cost: string; minimum_quantity: string; case_pack: string; lead_days: string;
  rank: string; active: boolean; breaks: { from_quantity: string; unit_cost: string }[];
};

export function itemValues(item: Item | undefined): ItemValues {
  return {
    sku: item?.sku ?? "",
    supplier_sku: item && item.supplier_sku !== item.sku ? item.supplier_sku : "",
    unit_cost: item ? decimal(item.unit_cost, item.currency) : "",
    minimum_quantity: String(item?.minimum_quantity ?? 1),
    case_pack: String(item?.case_pack ?? 1),
    lead_days: String(item?.lead_days ?? ""),
    rank: String(item?.rank ?? ""),
    active: item?.active ?? true,
    breaks: item ? breaksOf(item).map((b) => ({ from_quantity: String(b.from), unit_cost: decimal(b.unit_cost, item.currency) })) : [],
  };
}

const wholeOrNull = (text: string) => (text.trim() ? Number(text) : null);

export function itemBody(values: ItemValues, currency: string, version: number | null): Shape<"SupplierItemBody"> | null {
  const cost = minorUnits(values.unit_cost, currency);
  const breaks = values.breaks.map((b) => ({ from_quantity: Number(b.from_quantity), unit_cost: minorUnits(b.unit_cost, currency) }));
  if (cost === null || breaks.some((b) => b.unit_cost === null)) return null;
  return {
    supplier_sku: values.supplier_sku.trim() || null,
    unit_cost: cost,
    breaks: breaks.map((b) => ({ ...b, unit_cost: b.unit_cost ?? 0 })).sort((a, b) => a.from_quantity - b.from_quantity),
    minimum_quantity: Number(values.minimum_quantity),
    case_pack: Number(values.case_pack),
    lead_days: wholeOrNull(values.lead_days),
    rank: wholeOrNull(values.rank),
    active: values.active,
    version,
  };
}
