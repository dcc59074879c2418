import { memo } from "react";

// Intl knows the decimals that shops print; books are kept in ISO 4217's, as the server does (db/money.py).
const ISO: Record<string, number> = {
  IQD: 3, AFN: 2, ALL: 2, IRR: 2, KPW: 2, LAK: 2, LBP: 2, MGA: 2, MMK: 2, RSD: 2, SLL: 2, SOS: 2, SYP: 2, YER: 2,
};
const digits = new Map<string, number>(Object.entries(ISO));

/** Decimal places of a currency: 2 for EUR, 0 for JPY, 3 for KWD. */
export function placesOf(currency: string): number {
  let found = digits.get(currency);
  if (found === undefined) {
    try {
      found = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
    } catch {
      found = 2;
    }
    digits.set(currency, found);
  }
  return found;
}

/** Whole minor units as a decimal, exactly: no number of JavaScript's is divided on the way. */
export function decimal(minor: number, currency: string): string {
  const places = placesOf(currency);
  const sign = minor < 0 ? "-" : "";
  const text = Math.abs(minor).toString().padStart(places + 1, "0");
  return places === 0 ? sign + text : `${sign}${text.slice(0, -places)}.${text.slice(-places)}`;
}

/** Minor units of what a person typed, or null when it is not an amount of that currency. */
export function minorUnits(typed: string, currency: string): number | null {
  const places = placesOf(currency);
  const found = /^(\d{1,13})(?:[.,](\d+))?$/.exec(typed.trim());
  const fraction = found?.[2] ?? "";
  if (!found || fraction.length > places) return null;
  return Number(`${found[1]}${fraction.padEnd(places, "0")}`);
}

function grouped(text: string): string {
  const [whole = "", fraction] = text.split(".");
  const spaced = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return fraction === undefined ? spaced : `${spaced}.${fraction}`;
}

export function moneyText(minor: number, currency: string): string {
  return `${grouped(decimal(minor, currency)).replace("-", "−")} ${currency}`;
}

/** An amount with its currency, always both. */
export const Money = memo(function Money({ amount, currency, strong }: { amount: number; currency: string; strong?: boolean }) {
  return (
    <span className={strong ? "nowrap strong" : "nowrap"}>
      {grouped(decimal(amount, currency)).replace("-", "−")}
      <span className="unit">{currency}</span>
    </span>
  );
});
