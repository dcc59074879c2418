import type { Shape } from "@/api/client";
import type { ResourceName } from "@/api/resources";

export type Calendar = Shape<"DockCalendar">;
export type CalendarDay = Calendar["days"][number];
export type Appointment = Calendar["appointments"][number];
export type Dock = Calendar["docks"][number];
export type Unbooked = Calendar["unbooked"][number];
/** What may hold an appointment's words, wherever it was read. */
export type AnyAppointment = Shape<"Appointment">;

/** What a step of an appointment makes out of date; a notice is at the node by it. */
export const TOUCHES: ResourceName[] = ["appointments", "advance-notices"];

export const COMES_AS = [
  { value: " ", label: "Not known" },
  { value: "pallets", label: "Pallets" },
  { value: "parcels", label: "Parcels" },
];

const MINUTE = 60_000;

/** The wall clock at a place as if it were UTC, in milliseconds: the difference to the moment is the place's offset. */
function wallClock(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  }).formatToParts(new Date(at));
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
}

/** The moment of a day and time of day at a place: `2026-07-01`, `10:00`, `Europe/London` is 09:00Z. */
export function momentAt(day: string, clock: string, zone: string): string {
  const said = Date.parse(`${day}T${clock}:00Z`);
  let at = said - (wallClock(said, zone) - said);
  at = said - (wallClock(at, zone) - at); // once more: clocks may change between the two
  return new Date(at).toISOString();
}

/** The day and the time of day that a moment is at a place. */
export function placeOf(at: string, zone: string): { day: string; clock: string } {
  const there = new Date(wallClock(Date.parse(at), zone)).toISOString();
  return { day: there.slice(0, 10), clock: there.slice(11, 16) };
}

export const clockOf = (at: string, zone: string) => placeOf(at, zone).clock;

/** `09:00 to 10:30`, at the node. */
export const spanText = ({ starts_at, ends_at }: { starts_at: string; ends_at: string }, zone: string) =>
  `${clockOf(starts_at, zone)} to ${clockOf(ends_at, zone)}`;

export const minutesOf = ({ starts_at, ends_at }: { starts_at: string; ends_at: string }) =>
  Math.round((Date.parse(ends_at) - Date.parse(starts_at)) / MINUTE);

export const after = (at: string, minutes: number) => new Date(Date.parse(at) + minutes * MINUTE).toISOString();

export function addDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * 24 * 60 * MINUTE).toISOString().slice(0, 10);
}

/** The Monday of a day's week. */
export function mondayOf(day: string): string {
  const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
  return addDays(day, -weekday);
}

const DAY_TEXT = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", weekday: "short", day: "numeric", month: "short" });
export const dayText = (day: string) => DAY_TEXT.format(new Date(`${day}T00:00:00Z`));

/** It holds its dock: nobody else can have that time. */
export const isHolding = ({ status }: Pick<AnyAppointment, "status">) => status === "booked" || status === "arrived";

export type Window = { from: number; until: number };

/** From when until when a day is drawn, in milliseconds: its hours, and whatever lies outside them, in whole hours. */
export function windowOf(day: CalendarDay, appointments: readonly Appointment[]): Window {
  const begins = Date.parse(day.starts_at);
  const ends = Date.parse(day.ends_at);
  const spans = [...day.open, ...appointments].map((each) => [Date.parse(each.starts_at), Date.parse(each.ends_at)] as const);
  if (spans.length === 0) return { from: begins + 8 * 60 * MINUTE, until: begins + 17 * 60 * MINUTE };
  const hour = 60 * MINUTE;
  const from = Math.max(begins, Math.min(...spans.map(([since]) => since)));
  const until = Math.min(ends, Math.max(...spans.map(([, to]) => to)));
  return { from: begins + Math.floor((from - begins) / hour) * hour, until: begins + Math.ceil((until - begins) / hour) * hour };
}

export type Slot = { starts_at: string; ends_at: string };

/** The slots of a day that a dock can still be given, one after the other from where its hours begin. */
export function openSlots(day: CalendarDay, minutes: number, taken: readonly Appointment[], now: number): Slot[] {
  const step = minutes * MINUTE;
  const held = taken.filter(isHolding).map((each) => [Date.parse(each.starts_at), Date.parse(each.ends_at)] as const);
  return day.open.flatMap((span) => {
    const until = Date.parse(span.ends_at);
    const slots: Slot[] = [];
    for (let at = Date.parse(span.starts_at); at + step <= until; at += step) {
      const isFree = at + step > now && !held.some(([since, to]) => since < at + step && at < to);
      if (isFree) slots.push({ starts_at: new Date(at).toISOString(), ends_at: new Date(at + step).toISOString() });
    }
    return slots;
  });
}

/** Where something lies in a window, in per cent of its height. */
export function placed({ starts_at, ends_at }: { starts_at: string; ends_at: string }, { from, until }: Window) {
  const share = (at: number) => ((Math.min(Math.max(at, from), until) - from) / (until - from)) * 100;
  const top = share(Date.parse(starts_at));
  return { top, height: share(Date.parse(ends_at)) - top };
}

/** Full hours of a window, as moments. */
export function hoursOf({ from, until }: Window): string[] {
  const hours: string[] = [];
  for (let at = from; at < until; at += 60 * MINUTE) hours.push(new Date(at).toISOString());
  return hours;
}

/** A moment's day in the calendar of a node, whichever day it is there. */
export const calendarHref = (node: string, at: string) => `/docks?node=${node}&at=${encodeURIComponent(at)}`;

const plural = (count: number, word: string) => `${count.toLocaleString("en-GB")} ${word}${count === 1 ? "" : "s"}`;

export const goodsText = ({ lines, units }: { lines: number; units: number }) => `${plural(units, "unit")} in ${plural(lines, "line")}`;

/** `3 appointments, 420 units in 12 lines, 8 packages`: the server's sums in words. */
export function loadText({ appointments, lines, units, packages }: Shape<"Load">): string {
  if (appointments === 0) return "Nobody is expected";
  const goods = units > 0 ? `, ${goodsText({ lines, units })}` : "";
  return `${plural(appointments, "appointment")}${goods}${packages > 0 ? `, ${plural(packages, "package")}` : ""}`;
}

/** Who or what comes, as shortly as it can be said. */
export const nameOf = (a: Pick<AnyAppointment, "supplier" | "carrier" | "number">) => a.supplier ?? a.carrier ?? a.number;

/** Being dragged: an appointment to another place, or a notice to its first. */
export type Dragged = { kind: "appointment"; appointment: Appointment } | { kind: "notice"; notice: Unbooked };
