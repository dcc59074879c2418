import type { Shape } from "@/api/client";
import { moneyText } from "@/parts/Money";

export type Replay = Shape<"ReplayState">;
export type Side = Shape<"ReplayedPolicy">;

export const WIDTH = 760;
export const HEIGHT = 236;
export const BASE = 170;
const TOP = 18;
export const DAYS = ["90", "180", "270", "365"].map((value) => ({ value, label: `${value} days` }));

export const xOf = (day: number, days: number) => (day * WIDTH) / days;
export const yOf = (units: number, most: number) => BASE - ((BASE - TOP) * units) / Math.max(most, 1);

export const mostOf = (replay: Replay) => Math.max(1, ...[replay.current, replay.proposed].flatMap((side) => side.path.map((d) => d.stock)));

/** Stock as stairs: level through a day, up or down between two. */
export function stairs(side: Side, most: number): string {
  const days = side.path.length;
  return side.path
    .map((day, n) => `${n === 0 ? "M0," : "V"}${yOf(day.stock, most).toFixed(1)}H${xOf(n + 1, days).toFixed(1)}`)
    .join("");
}

/** Rounded down, so that 100 % is nothing but everything. */
export const share = (ppm: number) => `${(Math.floor(ppm / 1000) / 10).toFixed(1)} %`;
const units = (n: number) => n.toLocaleString("en-GB");
const thousandths = (milli: number) => (milli / 1000).toLocaleString("en-GB", { maximumFractionDigits: 1 });

const counted = (n: number, what: string) => `${units(n)} ${what}${n === 1 ? "" : "s"}`;

type Line = { what: string; now: string; then: string };

/** What is compared, line by line; terms and levels only where all places have the same. */
export function lines({ current, proposed }: Replay): Line[] {
  const of = (what: string, pick: (side: Side) => string | null): Line => ({ what, now: pick(current) ?? "–", then: pick(proposed) ?? "–" });
  const whole = (n: number | null) => (n === null ? null : units(n));
  const costs = current.costs.flatMap(({ currency }) => {
    const cost = (side: Side) => side.costs.find((c) => c.currency === currency);
    const money = (what: string, name: "holding" | "ordering" | "total" | "stock" | "short") =>
      of(what, (side) => { const found = cost(side); return found ? moneyText(found[name], currency) : null; });
    return [
      money("Cost of keeping", "holding"), money("Cost of ordering", "ordering"), money("Together", "total"),
      money("Average stock at cost", "stock"), money("Short, at cost", "short"),
    ];
  });
  return [
    of("Policy", (side) => side.policy),
    of("Order at, on the last day", (side) => whole(side.point)),
    of("Fill up to, on the last day", (side) => whole(side.up_to)),
    of("Fill rate", (side) => share(side.fill_ppm)),
    of("Days with a stock-out", (side) => units(side.stock_out_days)),
    of("Units short", (side) => units(side.short)),
    of("Average stock", (side) => thousandths(side.average_milli)),
    of("Orders", (side) => units(side.orders)),
    of("Units ordered", (side) => units(side.ordered)),
    ...costs,
  ].filter((line) => line.now !== "–" || line.then !== "–");
}

/** The picture in a sentence. */
export function inWords({ days, current, proposed }: Replay): string {
  const side = (s: Side) =>
    `${thousandths(s.average_milli)} units on average, ${counted(s.stock_out_days, "day")} with a stock-out, ${counted(s.orders, "order")}`;
  return `Stock over ${days} days. Now: ${side(current)}. Proposed: ${side(proposed)}.`;
}
