import type { Shape } from "@/api/client";
import type { ResourceName } from "@/api/resources";

export type Charge = Shape<"CarrierCharge">;
export type Sum = Shape<"ChargeSum">;

export const TOUCHES: (ResourceName | "home")[] = ["carrier-invoices", "carrier-charges"];

export const SIBLINGS = [
  { label: "Charges", to: "/carrier-invoices" },
  { label: "Invoices", to: "/carrier-invoices/all" },
  { label: "Terms", to: "/carrier-invoices/terms" },
];

export const REASONS: Record<string, string> = {
  unknown_parcel: "Unknown parcel",
  voided_label: "Voided label",
  duplicate: "Billed twice",
  currency: "Other currency",
  surcharge: "Surcharge",
  weight: "Weight",
  zone: "Zone",
  service: "Service",
  price: "Price",
};

export const STATES = ["open", "disputed", "credited", "accepted"] as const;

/** Sums of one currency by carrier, or by reason: in each how much is in which state. */
export function grouped(sums: Sum[], by: "carrier" | "reason", currency: string): { name: string; over: number; charges: number; parts: Record<string, number> }[] {
  const found = new Map<string, { name: string; over: number; charges: number; parts: Record<string, number> }>();
  for (const s of sums.filter((one) => one.currency === currency)) {
    const row = found.get(s[by]) ?? { name: s[by], over: 0, charges: 0, parts: {} };
    row.over += s.over;
    row.charges += s.charges;
    row.parts[s.state] = (row.parts[s.state] ?? 0) + s.over;
    found.set(s[by], row);
  }
  return [...found.values()].sort((a, b) => b.over - a.over);
}
