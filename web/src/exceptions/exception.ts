import type { Shape } from "@/api/client";
import type { ResourceName } from "@/api/resources";

export type Trouble = Shape<"ParcelException">;
export type WholeTrouble = Shape<"ParcelExceptionDetail">;
export type Claim = Shape<"CarrierClaim">;
export type WholeClaim = Shape<"CarrierClaimDetail">;
export type Option = { action: string; expected: number; parts: { what: string; amount: number; chance_ppm: number }[]; why: string; refused: string | null };

/** What a step makes out of date: goods may be sent again, and money goes back. */
export const TOUCHES: (ResourceName | "home")[] = ["parcel-exceptions", "carrier-claims", "orders", "payments", "home"];

export const exceptionHref = (id: string) => `/exceptions/${id}`;
export const claimHref = (id: string) => `/exceptions/claims/${id}`;

export const SIBLINGS = [
  { label: "Exceptions", to: "/exceptions" },
  { label: "Claims", to: "/exceptions/claims" },
  { label: "On their way", to: "/exceptions/tracks" },
];

export const KINDS: Record<string, string> = {
  late: "Late",
  held: "On hold",
  silent: "No scan",
  failed: "Delivery failed",
  damaged: "Damaged",
  returned: "Coming back",
  lost: "Lost",
  other: "Other",
};

export const ACTIONS: Record<string, string> = {
  wait: "Wait",
  contact: "Ask the customer",
  reship: "Send again",
  refund: "Refund",
  claim: "Claim",
  close: "Close",
};

/** Bad in red, what may still come in yellow. */
export const toneOf = (kind: string): "bad" | "warn" => (["late", "held", "silent", "other"].includes(kind) ? "warn" : "bad");

export const optionsOf = (trouble: Pick<Trouble, "proposal">) => trouble.proposal as Option[];
