import type { Shape } from "@/api/client";

export type PlanBody = Shape<"PlanBody">;
export type Plan = Shape<"InspectionPlanState">;

type Line = { name: string; kind: "yes_no" | "measured"; unit: string; low: string; high: string; critical: boolean };
export type PlanValues = {
  supplier: string; sku: string; method: "sample" | "every_unit" | "nothing"; level: string; aql: string; reduced: boolean; lines: Line[];
};

/** Levels and qualities that ISO 2859-1 has tables for. */
export const LEVELS = ["I", "II", "III", "S-1", "S-2", "S-3", "S-4"];
export const AQLS = [
  "0.010", "0.015", "0.025", "0.040", "0.065", "0.10", "0.15", "0.25", "0.40", "0.65", "1.0", "1.5", "2.5", "4.0", "6.5", "10",
];
export const NO_LINE: Line = { name: "", kind: "yes_no", unit: "", low: "", high: "", critical: false };

/** In an address `any` stands for all of them. */
export const whosePath = (supplier: string, sku: string) => ({ supplier: supplier.trim() || "any", sku: sku.trim() || "any" });

export function planValues(plan?: Plan): PlanValues {
  return {
    supplier: plan?.supplier ?? "",
    sku: plan?.sku ?? "",
    method: (plan?.method ?? "sample") as PlanValues["method"],
    level: plan?.level ?? "II",
    aql: plan?.aql ?? "1.0",
    reduced: plan?.reduced ?? false,
    lines: (plan?.characteristics ?? []).map((c) => ({
      name: c.name, kind: (c.kind ?? "yes_no") as Line["kind"], unit: c.unit ?? "", low: c.low ?? "", high: c.high ?? "", critical: c.critical ?? false,
    })),
  };
}

const decimal = (text: string) => text.trim().replace(",", ".") || null;

/** What is sent: limits and units are those of measured characteristics alone. */
export function planBody({ method, level, aql, reduced, lines }: PlanValues, version: number | null): PlanBody {
  return {
    method, level, aql, reduced, version,
    characteristics: lines.map(({ name, kind, unit, low, high, critical }) => ({
      name: name.trim(), kind, critical,
      ...(kind === "measured" ? { unit: unit.trim(), low: decimal(low), high: decimal(high) } : { unit: "", low: null, high: null }),
    })),
  };
}
