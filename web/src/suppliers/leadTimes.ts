import { listHref } from "@/parts/links";
import type { Shape } from "@/api/client";

type LeadTime = Shape<"LeadTime">;
type Bar = LeadTime["bars"][number];

/** From days to places on a line `width` long: all bars are on it, and so is what was quoted. */
export function scaleOf({ bars, quoted_days }: Pick<LeadTime, "bars" | "quoted_days">, width: number): (days: number) => number {
  const from = Math.min(quoted_days, ...bars.map((b) => b.from_days));
  const to = Math.max(quoted_days + 1, ...bars.map((b) => b.below_days));
  return (days) => (width * (Math.min(Math.max(days, from), to) - from)) / (to - from);
}

/** The deliveries behind a bar, or behind all of them. */
export function daysHref({ supplier, since }: Pick<LeadTime, "supplier" | "since">, bar?: Bar): string {
  const days = bar ? { days_gteq: bar.from_days, days_lt: bar.below_days } : {};
  return listHref("list_deliveries", { supplier_eq: supplier, sent_at_gteq: since, ...days });
}
