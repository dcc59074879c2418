import type { Shape } from "@/api/client";
import { decimal, minorUnits } from "@/parts/Money";
import { percentOf, ppmOf } from "@/parts/percent";

export type CardRow = Shape<"RateCard">;
export type CardBody = Shape<"RateCardBody">;
type Rate = { zone: string; max_weight_grams: number; amount: number };
export type Zone = { zone: string; origin: string; country: string; postcode_from: string; postcode_to: string };
type Surcharge = NonNullable<CardBody["surcharges"]>[number];

/** A card as people fill it in: prices by zone and weight as they are typed, empty where the card takes nothing. */
export type Grid = {
  currency: string;
  transit_days: string;
  dimensional_divisor: string;
  max_length_mm: string;
  max_length_and_girth_mm: string;
  max_value: string;
  cut_off: string;
  co2_grams_per_tkm: string;
  co2_grams_per_parcel: string;
  takes_hazmat: boolean;
  takes_po_box: boolean;
  zones: string[];
  weights: string[];
  prices: string[][];
  places: Zone[];
  surcharges: SurchargeRow[];
};
export type SurchargeRow = {
  kind: string; amount: string; percent: string; on_surcharges: boolean; country: string; postcode_from: string; postcode_to: string;
  over_length_mm: string; over_length_and_girth_mm: string; over_weight_grams: string; from_date: string; to_date: string;
};

const text = (value: number | string | null | undefined) => (value === null || value === undefined ? "" : String(value));

export const EMPTY: Grid = {
  currency: "EUR", transit_days: "3", dimensional_divisor: "", max_length_mm: "", max_length_and_girth_mm: "", max_value: "", cut_off: "",
  co2_grams_per_tkm: "", co2_grams_per_parcel: "", takes_hazmat: true, takes_po_box: true,
  zones: ["Home"], weights: ["1000", "5000"], prices: [[""], [""]],
  places: [{ zone: "Home", origin: "*", country: "DE", postcode_from: "", postcode_to: "" }], surcharges: [],
};

/** The card that the API shows, as a grid: zones across, weights down. */
export function gridOf(card: CardRow): Grid {
  const rates = (card.rates ?? []) as Rate[];
  const zones = [...new Set(rates.map((r) => r.zone))];
  const weights = [...new Set(rates.map((r) => r.max_weight_grams))].sort((a, b) => a - b);
  const at = new Map(rates.map((r) => [`${r.zone}|${r.max_weight_grams}`, r.amount]));
  return {
    currency: card.currency,
    transit_days: text(card.transit_days),
    dimensional_divisor: text(card.dimensional_divisor),
    max_length_mm: text(card.max_length_mm),
    max_length_and_girth_mm: text(card.max_length_and_girth_mm),
    max_value: card.max_value === null ? "" : decimal(card.max_value, card.currency),
    cut_off: card.cut_off?.slice(0, 5) ?? "",
    co2_grams_per_tkm: text(card.co2_grams_per_tkm),
    co2_grams_per_parcel: text(card.co2_grams_per_parcel),
    takes_hazmat: card.takes_hazmat,
    takes_po_box: card.takes_po_box,
    zones,
    weights: weights.map(String),
    prices: weights.map((w) => zones.map((z) => {
      const amount = at.get(`${z}|${w}`);
      return amount === undefined ? "" : decimal(amount, card.currency);
    })),
    places: ((card.zones ?? []) as Zone[]).map((z) => ({ ...z })),
    surcharges: ((card.surcharges ?? []) as (Surcharge & { amount: number; ppm: number })[]).map((s) => ({
      kind: s.kind, amount: s.amount ? decimal(s.amount, card.currency) : "", percent: s.ppm ? percentOf(s.ppm) : "", on_surcharges: Boolean(s.on_surcharges),
      country: s.country ?? "*", postcode_from: s.postcode_from ?? "", postcode_to: s.postcode_to ?? "", over_length_mm: text(s.over_length_mm),
      over_length_and_girth_mm: text(s.over_length_and_girth_mm), over_weight_grams: text(s.over_weight_grams), from_date: text(s.from_date), to_date: text(s.to_date),
    })),
  };
}

const whole = (typed: string): number | null => (/^\d{1,9}$/.test(typed.trim()) ? Number(typed) : null);

/** What is wrong with the grid, in sentences; none when it can be sent. */
export function wrongIn(grid: Grid): string[] {
  const said: string[] = [];
  if (!/^[A-Z]{3}$/.test(grid.currency)) said.push("The currency is three capital letters, such as EUR.");
  if (whole(grid.transit_days) === null) said.push("Say how many days it quotes.");
  grid.weights.forEach((w, row) => {
    if (!whole(w)) said.push(`Row ${row + 1} needs a weight in whole grams.`);
    (grid.prices[row] ?? []).forEach((price, column) => {
      if (price.trim() && minorUnits(price, grid.currency) === null) said.push(`${grid.zones[column]} up to ${w} g: ${price} is no price in ${grid.currency}.`);
    });
  });
  if (new Set(grid.weights).size < grid.weights.length) said.push("A weight stands twice.");
  if (new Set(grid.zones).size < grid.zones.length || grid.zones.some((z) => !z.trim())) said.push("Every zone needs a name of its own.");
  const lost = grid.places.filter((p) => !grid.zones.includes(p.zone)).map((p) => p.zone);
  if (lost.length > 0) said.push(`Places belong to ${[...new Set(lost)].join(", ")}, which is no zone of the grid.`);
  const nowhere = grid.zones.filter((z) => !grid.places.some((p) => p.zone === z));
  if (nowhere.length > 0) said.push(`Say which places belong to ${nowhere.join(", ")}.`);
  return said;
}

/** The grid as the API takes it. Empty prices are left out: the card takes no such parcel. */
export function bodyOf(grid: Grid, valid_from: string | null): CardBody {
  const money = (typed: string) => minorUnits(typed, grid.currency);
  return {
    currency: grid.currency,
    transit_days: whole(grid.transit_days) ?? 0,
    dimensional_divisor: whole(grid.dimensional_divisor),
    max_length_mm: whole(grid.max_length_mm),
    max_length_and_girth_mm: whole(grid.max_length_and_girth_mm),
    max_value: grid.max_value.trim() ? money(grid.max_value) : null,
    cut_off: grid.cut_off || null,
    co2_grams_per_tkm: whole(grid.co2_grams_per_tkm),
    co2_grams_per_parcel: whole(grid.co2_grams_per_parcel),
    takes_hazmat: grid.takes_hazmat,
    takes_po_box: grid.takes_po_box,
    valid_from,
    zones: grid.places.map((p) => ({ ...p, country: p.country.trim().toUpperCase() || "*", origin: p.origin.trim() || "*" })),
    rates: grid.weights.flatMap((w, row) =>
      grid.zones.flatMap((zone, column) => {
        const amount = money(grid.prices[row]?.[column] ?? "");
        return amount === null ? [] : [{ zone, max_weight_grams: Number(w), amount }];
      }),
    ),
    surcharges: grid.surcharges.map((s) => ({
      kind: s.kind as Surcharge["kind"], amount: money(s.amount) ?? 0, ppm: ppmOf(s.percent) ?? 0, on_surcharges: s.on_surcharges,
      country: s.country.trim().toUpperCase() || "*", postcode_from: s.postcode_from, postcode_to: s.postcode_to, over_length_mm: whole(s.over_length_mm),
      over_length_and_girth_mm: whole(s.over_length_and_girth_mm), over_weight_grams: whole(s.over_weight_grams), from_date: s.from_date || null, to_date: s.to_date || null,
    })),
  };
}

/** Cells that were copied from a sheet, put in from a cell on; what lies beyond the grid is left out. */
export function pasted(prices: string[][], row: number, column: number, copied: string): string[][] {
  const cells = copied.replace(/\r/g, "").replace(/\n$/, "").split("\n").map((line) => line.split("\t"));
  return prices.map((line, r) => line.map((price, c) => cells[r - row]?.[c - column]?.trim() ?? price));
}
