import type { Shape } from "@/api/client";

type Line = Pick<Shape<"BenchLine">, "line_no" | "sku" | "left">;

/** Units in the parcel that is being filled, by SKU. */
export type Filling = Readonly<Record<string, number>>;

export const counted = (filling: Filling): number => Object.values(filling).reduce((sum, units) => sum + units, 0);

const leftOf = (lines: readonly Line[], sku: string): number =>
  lines.filter((line) => line.sku === sku).reduce((sum, line) => sum + line.left, 0);

/** One more of a SKU, or exactly `units` of it; null when that is more than what is left to pack. */
export function take(lines: readonly Line[], filling: Filling, sku: string, units: number | null): Filling | null {
  const now = units ?? (filling[sku] ?? 0) + 1;
  return now < 1 || now > leftOf(lines, sku) ? null : { ...filling, [sku]: now };
}

export const isFull = (lines: readonly Line[], filling: Filling): boolean =>
  lines.every((line) => (filling[line.sku] ?? 0) >= leftOf(lines, line.sku));

/** What goes into the parcel, handed out to the lines in their order. */
export function inParcel(lines: readonly Line[], filling: Filling): { sku: string; line_no: number; quantity: number }[] {
  const rest: Record<string, number> = { ...filling };
  const found = [];
  for (const { sku, line_no, left } of lines) {
    const quantity = Math.min(left, rest[sku] ?? 0);
    if (quantity > 0) found.push({ sku, line_no, quantity });
    rest[sku] = (rest[sku] ?? 0) - quantity;
  }
  return found;
}
