import type { Shape } from "@/api/client";
import { decimal, minorUnits } from "@/parts/Money";
import type { Product, Variant } from "./product";
import { percentOf, ppmOf } from "@/parts/percent";

type Body = Shape<"ProductBody">;
type Scalar = NonNullable<Body["attributes"]>[string];

export type VariantValues = {
  sku: string; title: string; barcode: string; options: string; weight_grams: string; length_mm: string; width_mm: string;
  height_mm: string; cost: string; cost_currency: string; tax: string; tracking: "none" | "lot" | "serial"; hazmat: boolean;
  hazard_class: string; hs_code: string; origin_country: string; customs_title: string; temperature: NonNullable<NonNullable<Body["variants"]>[number]["temperature"]>;
  keep_upright: boolean; fragile: boolean; load_bearing_grams: string; ships_alone: boolean; backorder_limit: string; status: Body["status"]; prices: { currency: string; amount: string }[]; components: string;
};
export type ProductValues = {
  handle: string; title: string; description: string; brand: string; category: string; status: Body["status"];
  images: string; attributes: string; variants: VariantValues[];
};

export const NEW_VARIANT: VariantValues = {
  sku: "", title: "", barcode: "", options: "", weight_grams: "0", length_mm: "0", width_mm: "0", height_mm: "0", cost: "",
  cost_currency: "", tax: "0", tracking: "none", hazmat: false, hazard_class: "", hs_code: "", origin_country: "", customs_title: "", temperature: "ambient", keep_upright: false, fragile: false,
  load_bearing_grams: "", ships_alone: false,
  backorder_limit: "0", status: "active", prices: [], components: "",
};

export function valuesOf(product: Product | undefined, variants: Variant[]): ProductValues {
  return {
    handle: product?.handle ?? "",
    title: product?.title ?? "",
    description: product?.description ?? "",
    brand: product?.brand ?? "",
    category: product?.category ?? "",
    status: (product?.status ?? "active") as Body["status"],
    images: product?.images.join("\n") ?? "",
    attributes: pairsText((product?.attributes ?? {}) as Record<string, Scalar>),
    variants: product ? variants.map(variantValues) : [NEW_VARIANT],
  };
}

function variantValues(v: Variant): VariantValues {
  return {
    sku: v.sku,
    title: v.title,
    barcode: v.barcode ?? "",
    options: pairsText((v.options ?? {}) as Record<string, string>),
    weight_grams: String(v.weight_grams),
    length_mm: String(v.length_mm),
    width_mm: String(v.width_mm),
    height_mm: String(v.height_mm),
    cost: v.cost_amount !== null && v.cost_currency ? decimal(v.cost_amount, v.cost_currency) : "",
    cost_currency: v.cost_currency ?? "",
    tax: percentOf(v.tax_rate_ppm),
    tracking: v.tracking as VariantValues["tracking"],
    hazmat: v.hazmat,
    hazard_class: v.hazard_class ?? "",
    hs_code: v.hs_code ?? "",
    origin_country: v.origin_country ?? "",
    customs_title: v.customs_title ?? "",
    temperature: v.temperature as VariantValues["temperature"],
    keep_upright: v.keep_upright,
    fragile: v.fragile,
    load_bearing_grams: v.load_bearing_grams === null ? "" : String(v.load_bearing_grams),
    ships_alone: v.ships_alone,
    backorder_limit: String(v.backorder_limit),
    status: v.status as Body["status"],
    prices: v.prices.map((p) => ({ currency: p.currency, amount: decimal(p.amount, p.currency) })),
    components: v.components.map((c) => `${c.quantity} ${c.sku}`).join("\n"),
  };
}

/** What is sent; null when an amount cannot be read, which the field itself has told. */
export function bodyOf(values: ProductValues, version: number | null): Body | null {
  const variants = values.variants.map(variantBody);
  if (variants.includes(null)) return null;
  return {
    title: values.title.trim(),
    description: values.description,
    brand: values.brand.trim() || null,
    category: values.category.trim() || null,
    status: values.status,
    images: values.images.split("\n").map((line) => line.trim()).filter(Boolean),
    attributes: Object.fromEntries(pairs(values.attributes).map(([name, text]) => [name, scalar(text)])),
    variants: variants as NonNullable<Body["variants"]>,
    version,
  };
}

function variantBody(v: VariantValues): NonNullable<Body["variants"]>[number] | null {
  const currency = v.cost_currency.trim().toUpperCase();
  const cost = v.cost.trim() ? minorUnits(v.cost, currency) : null;
  const tax = ppmOf(v.tax);
  const prices = v.prices.map((p) => [p.currency.trim().toUpperCase(), minorUnits(p.amount, p.currency.trim().toUpperCase())] as const);
  if ((v.cost.trim() && cost === null) || tax === null || prices.some(([, minor]) => minor === null)) return null;
  const { sku, tracking, hazmat, status } = v;
  return {
    sku: sku.trim(),
    title: v.title.trim() || null,
    barcode: v.barcode.trim() || null,
    options: Object.fromEntries(pairs(v.options)),
    weight_grams: Number(v.weight_grams),
    length_mm: Number(v.length_mm),
    width_mm: Number(v.width_mm),
    height_mm: Number(v.height_mm),
    cost_amount: cost,
    cost_currency: cost === null ? null : currency,
    tax_rate_ppm: tax,
    tracking,
    hazmat,
    hazard_class: (v.hazard_class.trim() || null) as NonNullable<Body["variants"]>[number]["hazard_class"],
    hs_code: v.hs_code.replaceAll(/[.\s]/g, "") || null,
    origin_country: v.origin_country.trim().toUpperCase() || null,
    customs_title: v.customs_title.trim() || null,
    temperature: v.temperature,
    keep_upright: v.keep_upright,
    fragile: v.fragile,
    load_bearing_grams: v.load_bearing_grams.trim() === "" ? null : Number(v.load_bearing_grams),
    ships_alone: v.ships_alone,
    backorder_limit: Number(v.backorder_limit),
    status,
    prices: Object.fromEntries(prices) as Record<string, number>,
    components: parts(v.components),
  };
}

const pairsText = (values: Record<string, Scalar>) => Object.entries(values).map(([name, value]) => `${name}: ${String(value)}`).join("\n");

/** `colour: sage`, one a line. */
export function pairs(text: string): [string, string][] {
  return text.split("\n").flatMap((line): [string, string][] => {
    const at = line.indexOf(":");
    return at > 0 && line.slice(at + 1).trim() ? [[line.slice(0, at).trim(), line.slice(at + 1).trim()]] : [];
  });
}

function scalar(text: string): Scalar {
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d{1,15}$/.test(text) && String(Number(text)) === text ? Number(text) : text;
}

/** `2 BOWL-SAGE`, one a line: how many of what a kit is made of. */
export function parts(text: string): Record<string, number> {
  const found = text.split("\n").map((line) => /^\s*(\d+)\s*(?:×|x)?\s+(\S+)\s*$/.exec(line));
  return Object.fromEntries(found.flatMap((m) => (m ? [[m[2] ?? "", Number(m[1])]] : [])));
}
