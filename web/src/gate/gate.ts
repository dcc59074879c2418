import type { Shape } from "@/api/client";

export type Collecting = Shape<"CollectingBody">;

export const SIBLINGS = [
  { label: "Pickups", to: "/gate" },
  { label: "Manifests", to: "/gate/manifests" },
  { label: "Calendars", to: "/gate/calendars" },
  { label: "Customs", to: "/gate/customs" },
  { label: "SDR rates", to: "/gate/sdr-rates" },
];

export const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const SHORT = DAYS.map((day) => day.slice(0, 3));

/** A row of the editor: a weekday with what was typed for it. */
export type DayValues = { on: boolean; cut_off: string; start: string; end: string };

export const USUAL: DayValues = { on: true, cut_off: "16:00", start: "16:30", end: "18:00" };

/** Seven rows; a weekday without a window is off and suggests the usual one. */
export function daysOf(week: readonly Collecting[]): DayValues[] {
  return DAYS.map((_, weekday) => {
    const known = week.find((day) => day.weekday === weekday);
    return known ? { on: true, cut_off: known.cut_off, start: known.start, end: known.end } : { ...USUAL, on: false };
  });
}

export const weekOf = (days: readonly DayValues[]): Collecting[] =>
  days.flatMap(({ on, cut_off, start, end }, weekday) => (on ? [{ weekday, cut_off: cut_off.trim(), start: start.trim(), end: end.trim() }] : []));

/** `Mon–Thu 16:00, Fri 14:00`: neighbours with the same cut-off together. */
export function weekText(week: readonly Collecting[]): string {
  const parts: { from: number; to: number; cut_off: string }[] = [];
  for (const { weekday, cut_off } of week) {
    const last = parts.at(-1);
    if (last?.to === weekday - 1 && last.cut_off === cut_off) last.to = weekday;
    else parts.push({ from: weekday, to: weekday, cut_off });
  }
  return parts.map(({ from, to, cut_off }) => `${from === to ? SHORT[from] : `${SHORT[from]}–${SHORT[to]}`} ${cut_off}`).join(", ");
}

/** Days as ISO dates, one a line; null when one of them is none. */
export function datesOf(text: string): string[] | null {
  const lines = text.split(/[\n,]/).map((line) => line.trim()).filter(Boolean);
  return lines.every((line) => /^\d{4}-\d{2}-\d{2}$/.test(line) && !Number.isNaN(Date.parse(line))) ? lines : null;
}

/** `1.21` as millionths; null for what is no number above 0. */
export function millionthsOf(text: string): number | null {
  const plain = text.trim().replace(",", ".");
  if (!/^\d{1,9}(\.\d{1,6})?$/.test(plain)) return null;
  const [whole = "0", rest = ""] = plain.split(".");
  const found = Number(whole) * 1_000_000 + Number(rest.padEnd(6, "0"));
  return found > 0 ? found : null;
}

export const rateText = (millionths: number): string => String(millionths / 1_000_000);
