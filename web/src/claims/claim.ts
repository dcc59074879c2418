import type { Shape } from "@/api/client";
import type { ResourceName } from "@/api/resources";

export type ClaimRow = Shape<"Claim">;
export type WholeClaim = Shape<"ClaimDetail">;
export type ClaimReason = Shape<"WrongLine">["reason"];

export const TOUCHES: (ResourceName | "home")[] = ["claims", "returns", "orders", "payments", "home"];

export const claimHref = (id: string) => `/claims/${id}`;

export const WRONG: Record<ClaimReason, string> = {
  damaged: "Came damaged",
  missing: "Was not in the parcel",
  wrong_item: "Wrong item",
  not_arrived: "Parcel never came",
};

export type WrongTyped = Record<string, { units: string; replace: string; reason: ClaimReason; remark: string }>;

type Returnable = Shape<"Returnable">["lines"][number];

export const wrongValues = (lines: Returnable[]): WrongTyped =>
  Object.fromEntries(lines.map((l) => [`l${l.line_no}`, { units: "", replace: "", reason: "damaged", remark: "" }]));

/** What the API takes: lines of which nothing is wrong are left out. */
export function wrongBody(typed: WrongTyped, lines: Returnable[]): Shape<"WrongLine">[] {
  return lines.flatMap((l) => {
    const said = typed[`l${l.line_no}`];
    if (!said || !(Number(said.units) > 0)) return [];
    return [{ line_no: l.line_no, quantity: Number(said.units), replace: Number(said.replace) || 0, reason: said.reason, remark: said.remark.trim() || null }];
  });
}
