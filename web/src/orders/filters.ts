import type { Filter } from "@/parts/filters";

export const ORDER_STATES = [
  "draft", "placed", "held", "released", "partly_shipped", "shipped", "delivered", "cancelled", "closed",
] as const;
const PAYMENT_STATES = [
  "none", "pending", "authorised", "paid", "declined", "partly_refunded", "refunded", "voided",
] as const;
export const HOLD_REASONS = ["payment", "fraud", "address", "manual"] as const;

export const FILTERS: Filter[] = [
  { field: "status", label: "Status", kind: "choice", choices: ORDER_STATES },
  { field: "payment_status", label: "Payment", kind: "choice", choices: PAYMENT_STATES },
  { field: "hold", label: "Held for", kind: "choice", choices: HOLD_REASONS },
  { field: "placed_at", label: "Placed", kind: "date" },
  { field: "email", label: "E-mail", kind: "text" },
  { field: "sku", label: "SKU", kind: "text", operator: "eq" },
  { field: "node", label: "Ships from", kind: "text", operator: "eq", hint: "Code of a node" },
  { field: "channel", label: "Channel", kind: "choice", choices: ["web", "marketplace", "store"] },
  { field: "tags", label: "Tag", kind: "text", operator: "cont", hint: "exactly" },
  { field: "external_ref", label: "Reference", kind: "text", operator: "start" },
  { field: "live", label: "Live", kind: "yes" },
];
