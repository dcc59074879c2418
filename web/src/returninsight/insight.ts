import type { Shape } from "@/api/client";
import { reasonText } from "@/returns/return";

export type Insight = Shape<"ReturnInsight">;
export type Rate = Shape<"ReturnInsightRow">;
export type By = Insight["by"];

export const SIBLINGS = [
  { label: "Rates", to: "/return-insight" },
  { label: "What was sent", to: "/return-insight/shipped" },
  { label: "What came back", to: "/return-insight/returned" },
];

/** What the ranked table can be of. Reasons and months have pictures of their own. */
export const DIMENSIONS: { by: By; label: string; none: string }[] = [
  { by: "sku", label: "SKU", none: "No SKU" },
  { by: "size", label: "Size", none: "No size" },
  { by: "category", label: "Category", none: "No category" },
  { by: "supplier", label: "Supplier", none: "No supplier" },
  { by: "carrier", label: "Carrier", none: "No label of ours" },
];

export const TIMES = [90, 180, 365] as const;

export const timeOf = (asked: string | null): number => TIMES.find((days) => String(days) === asked) ?? 365;

export const byOf = (asked: string | null): By => DIMENSIONS.find(({ by }) => by === asked)?.by ?? "sku";

/** Parts per million to a tenth of a per cent. */
export const share = (ppm: number | null): string => (ppm === null ? "–" : `${(ppm / 10_000).toFixed(1)} %`);

export function nameOf(by: By, key: string | null): string {
  if (key === null) return DIMENSIONS.find((d) => d.by === by)?.none ?? "None";
  return by === "reason" ? reasonText(key) : key;
}

/** The end of a scale that holds every rate: the next tenth above the highest, at most all. */
export function scaleOf(rows: Rate[]): number {
  const most = Math.max(0, ...rows.map((r) => r.high_ppm ?? r.expected_ppm ?? 0));
  return Math.min(1_000_000, Math.max(50_000, Math.ceil(most / 50_000) * 50_000));
}

/** Whether much of what was sent in it may still come. */
export const isYoung = (r: Rate): boolean => r.shipped.value > 0 && r.exposed < 0.9 * r.shipped.value;
