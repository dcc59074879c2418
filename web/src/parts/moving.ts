import { zone } from "./When";

/** A time that moves with the clock, as the API spells it: `today-7d@Europe/London`. */
const MOVES = /^(now|today|this_week|this_month|this_year)(?:([+-])(\d+)([mhdw]))?(?:@.+)?$/;
const STARTS: Record<string, string> = { now: "now", today: "today", this_week: "this week’s start", this_month: "this month’s start", this_year: "this year’s start" };
const UNITS: Record<string, string> = { m: "minute", h: "hour", d: "day", w: "week" };

export const isMoving = (value: string | null | undefined): boolean => MOVES.test(value ?? "");

/** `today-7d@Europe/London` → `7 days ago`; null when the time stands still. */
export function movingWords(value: string): string | null {
  const found = MOVES.exec(value);
  if (!found) return null;
  const [, start = "", sign, count, unit = ""] = found;
  if (!count) return STARTS[start] ?? start;
  const span = `${count} ${UNITS[unit] ?? unit}${count === "1" ? "" : "s"}`;
  const away = sign === "-" ? `${span} ago` : `in ${span}`;
  return start === "now" || start === "today" ? away : `${span} ${sign === "-" ? "before" : "after"} ${STARTS[start] ?? start}`;
}

type Preset = { label: string; from?: string; to?: string };

/** What people ask for most, in days of this browser's zone. */
export const PRESETS: Preset[] = [
  { label: "Today", from: `today@${zone}` },
  { label: "Last 7 days", from: `today-6d@${zone}` },
  { label: "Last 30 days", from: `today-29d@${zone}` },
  { label: "This month", from: `this_month@${zone}` },
  { label: "Older than 7 days", to: `today-7d@${zone}` },
];
