import type { Shape } from "@/api/client";

export type StockLot = Shape<"StockLot">;

export const lotHref = (id: string) => `/stock/lots/${id}`;

const DAY_MS = 86_400_000;
const NEAR_DAYS = 30;

/** Days of use that are left, the last one included: 0 is the day after it or later. */
export function daysLeft(lot: Pick<StockLot, "expires_at">, now = Date.now()): number | null {
  return lot.expires_at === null ? null : Math.max(0, Math.ceil((Date.parse(lot.expires_at) - now) / DAY_MS));
}

/** What a lot's age means: nothing while there is time. */
export function ageOf(lot: Pick<StockLot, "expires_at">, now = Date.now()): "expired" | "near" | null {
  const left = daysLeft(lot, now);
  if (left === null || left > NEAR_DAYS) return null;
  return left === 0 ? "expired" : "near";
}
