import type { Shape } from "@/api/client";
import { openOf, partsOf, type Choice, type Grade, type Reason, type WholeReturn } from "./return";

type Returnable = Shape<"Returnable">["lines"][number];

export type Wanted = Record<string, { units: string; reason: Reason; remark: string }>;

/** Nothing of anything, until somebody says what. */
export const wantedValues = (lines: Returnable[]): Wanted =>
  Object.fromEntries(lines.map((l) => [`l${l.line_no}`, { units: "", reason: "changed_mind", remark: "" }]));

/** What the API takes: lines of which nothing comes back are left out. */
export function wantedBody(wanted: Wanted, lines: Returnable[]): Shape<"WantedBack">[] {
  return lines.flatMap((l) => {
    const typed = wanted[`l${l.line_no}`];
    if (!typed || !(Number(typed.units) > 0)) return [];
    return [{ line_no: l.line_no, quantity: Number(typed.units), reason: typed.reason, remark: typed.remark.trim() || null }];
  });
}

/** `becomes` is what somebody chose instead of what brings most, by grade. */
export type Typed = Record<Grade, string> & { note: string; becomes: Partial<Record<Grade, Choice | "">>; becomes_why: string; lots: { sku: string; lot: string }[] };
export type Graded = Record<string, Typed>;

/** Everything as new, which is what most of it is. */
export const gradedValues = (r: WholeReturn): Graded =>
  Object.fromEntries(
    r.lines
      .filter((l) => openOf(l) > 0)
      .map((l) => [`l${l.line_no}`, { sellable: String(openOf(l)), damaged: "", not_as_described: "", missing: "", note: "", becomes: { sellable: "", damaged: "", not_as_described: "" }, becomes_why: "", lots: partsOf(l).map((sku) => ({ sku, lot: "" })) }]),
  );

const ORDER: Grade[] = ["sellable", "damaged", "not_as_described", "missing"];

export function gradedBody(graded: Graded): Shape<"GradedUnits">[] {
  return Object.entries(graded).flatMap(([key, typed]) =>
    ORDER.filter((grade) => Number(typed[grade]) > 0).map((grade, _, said) => ({
      line_no: Number(key.slice(1)),
      quantity: Number(typed[grade]),
      grade,
      // What it is like is said of units that are not as new, where there are such.
      disposition: typed.becomes[grade] || null,
      disposition_why: typed.becomes[grade] ? typed.becomes_why.trim() || null : null,
      note: (grade !== "sellable" || said.length === 1 ? typed.note.trim() : "") || null,
      lots: Object.fromEntries(typed.lots.map(({ sku, lot }): [string, string] => [sku, lot.trim()]).filter(([, lot]) => lot !== "")),
    })),
  );
}
