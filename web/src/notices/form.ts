import type { Shape } from "@/api/client";
import type { Purchase } from "@/purchases/PurchaseList";
import { noonOf } from "./notice";

type Line = { units: string; lot: string; expiry: string };
export type NoticeValues = {
  reference: string; day: string; carrier: string; tracking: string; note: string; packages: string; lines: Record<string, Line>;
};

type Bought = Purchase["lines"][number];

/** Units that are to come of a line and that no other notice announces. */
export const unannounced = (l: Pick<Bought, "ordered" | "received" | "closed_short" | "announced">) =>
  Math.max(0, l.ordered - l.received - l.closed_short - l.announced);

/** All that is still to come: what a supplier announces that sends the rest at once. */
export function noticeValues(p: Purchase): NoticeValues {
  return {
    reference: "", day: "", carrier: "", tracking: "", note: "", packages: "",
    lines: Object.fromEntries(p.lines.map((l) => [`l${l.line_no}`, { units: String(unannounced(l)), lot: "", expiry: "" }])),
  };
}

/** One number a line, as printed or as a scanner types it: `(00)` and spaces go. */
export function ssccs(typed: string): string[] {
  const bare = typed.split("\n").map((line) => line.replace(/[\s()]/g, "").replace(/^00(?=\d{18}$)/, ""));
  return bare.filter((sscc) => sscc !== "");
}

/** What the API takes: lines of which nothing is announced are left out. */
export function noticeBody(values: NoticeValues, p: Purchase): Shape<"NewAdvanceNotice"> {
  const orNull = (typed: string) => typed.trim() || null;
  return {
    supplier: p.supplier,
    node: p.node,
    reference: values.reference.trim(),
    said_at: values.day ? noonOf(values.day) : null,
    carrier: orNull(values.carrier),
    tracking: orNull(values.tracking),
    note: orNull(values.note),
    packages: ssccs(values.packages).map((sscc) => ({ sscc, contents: [] })),
    lines: p.lines.flatMap((l) => {
      const typed = values.lines[`l${l.line_no}`];
      if (!typed || !(Number(typed.units) > 0)) return [];
      return [{ purchase_id: p.id, line_no: l.line_no, units: Number(typed.units), lot: typed.lot.trim(), expiry: typed.expiry.trim() }];
    }),
  };
}
