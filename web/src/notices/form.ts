import type { Shape } from "@/api/client";
import type { Purchase } from "@/purchases/PurchaseList";
import { noonOf } from "./notice";

type Line = { units: string; lot: string; expiry: string };
/** A package and what is in it: units by the number of the order's line, as `l1`. */
export type Packed = { sscc: string; inside: Record<string, string> };
export type NoticeValues = {
  reference: string; day: string; carrier: string; tracking: string; note: string; lines: Record<string, Line>;
  packed: Packed[];
  /** Others, of which nobody says what is in them. */
  packages: string;
};

/** A package of which nothing was typed yet. */
export const emptyPackage = (p: Purchase): Packed => ({ sscc: "", inside: Object.fromEntries(p.lines.map((l) => [`l${l.line_no}`, ""])) });

type Bought = Purchase["lines"][number];

/** Units that are to come of a line and that no other notice announces. */
export const unannounced = (l: Pick<Bought, "ordered" | "received" | "closed_short" | "announced">) =>
  Math.max(0, l.ordered - l.received - l.closed_short - l.announced);

/** All that is still to come: what a supplier announces that sends the rest at once. */
export function noticeValues(p: Purchase): NoticeValues {
  return {
    reference: "", day: "", carrier: "", tracking: "", note: "", packed: [], packages: "",
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
  const announced = p.lines.filter((l) => Number(values.lines[`l${l.line_no}`]?.units) > 0);
  // A package names lines of the notice, which are those of the order that are announced, from 1.
  const contents = ({ inside }: Packed) =>
    announced.flatMap((l, at) => {
      const units = Number(inside[`l${l.line_no}`]);
      return units > 0 ? [{ line: at + 1, units }] : [];
    });
  return {
    supplier: p.supplier,
    node: p.node,
    reference: values.reference.trim(),
    said_at: values.day ? noonOf(values.day) : null,
    carrier: orNull(values.carrier),
    tracking: orNull(values.tracking),
    note: orNull(values.note),
    packages: [
      ...values.packed.flatMap((one) => ssccs(one.sscc).map((sscc) => ({ sscc, contents: contents(one) }))),
      ...ssccs(values.packages).map((sscc) => ({ sscc, contents: [] })),
    ],
    lines: announced.flatMap((l) => {
      const typed = values.lines[`l${l.line_no}`];
      return !typed ? [] : [{ purchase_id: p.id, line_no: l.line_no, units: Number(typed.units), lot: typed.lot.trim(), expiry: typed.expiry.trim() }];
    }),
  };
}
