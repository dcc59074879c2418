import type { Shape } from "@/api/client";

/** Spans are pairs, which the types of answers know as lists. */
export type DockHours = Omit<Shape<"DockHoursNow">, "hours"> & { hours: string[][][] };
type Span = [string, string];

/** `08:00-12:00, 13:00-17:00` */
export const hoursText = (spans: readonly string[][]) => spans.map(([since, until]) => `${since}-${until}`).join(", ");

export function hoursValues({ hours, slot_minutes }: DockHours): { days: string[]; slot_minutes: string } {
  return { days: hours.map(hoursText), slot_minutes: String(slot_minutes) };
}

/** As somebody typed them: `8-12` is from 08:00 to 12:00. What is no time of day goes as it is, for the server to refuse. */
export function hoursBody({ days, slot_minutes }: { days: string[]; slot_minutes: string }): Pick<Shape<"DockHoursBody">, "hours" | "slot_minutes"> {
  const clock = (typed: string) => typed.trim().replace(/^(\d{1,2})(?::(\d\d))?$/, (_, hour: string, minute = "00") => `${hour.padStart(2, "0")}:${minute}`);
  const span = (typed: string): Span => {
    const [since = "", until = ""] = typed.split(/[-–]/);
    return [clock(since), clock(until)];
  };
  return {
    hours: days.map((day) => day.split(",").filter((typed) => typed.trim() !== "").map(span)),
    slot_minutes: Number(slot_minutes),
  };
}
