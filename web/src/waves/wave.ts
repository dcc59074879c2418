import type { Shape } from "@/api/client";

export type Wave = Shape<"Wave">;
export type Filter = NonNullable<Shape<"WaveBody">["filter"]>;

export const SIBLINGS = [
  { label: "Waves", to: "/waves" },
  { label: "By the clock", to: "/waves/templates" },
  { label: "How nodes release", to: "/waves/nodes" },
  { label: "Carriers' cut-offs", to: "/waves/cut-offs" },
  { label: "Terms of holds", to: "/waves/holds" },
];

export const waveHref = (id: string) => `/waves/${id}`;
export const whole = (n: number) => n.toLocaleString("en-GB");

/** 36 is 1 d 12 h. */
export const hoursText = (hours: number) => [Math.floor(hours / 24) && `${Math.floor(hours / 24)} d`, hours % 24 && `${hours % 24} h`].filter(Boolean).join(" ");

/** What is entered of a filter. Lists are words with commas between. */
export type Entered = {
  hours: string; services: string; lines: string; zones: string; tags: string; channels: string; complete: string;
  most_orders: string; most_lines: string; most_units: string;
};
export const NOTHING: Entered = {
  hours: "", services: "", lines: "", zones: "", tags: "", channels: "", complete: "", most_orders: "", most_lines: "", most_units: "",
};

const listed = (text: string) => text.split(",").map((word) => word.trim()).filter(Boolean);
const number = (text: string) => (String(text).trim() === "" ? null : Number(text));

/** `hours` until the cut-off become minutes from when the wave is made. */
export function filterOf(v: Entered): Filter {
  const hours = number(v.hours);
  return {
    due_within_minutes: hours === null ? null : Math.round(hours * 60),
    services: listed(v.services),
    lines: v.lines || null,
    zones: listed(v.zones),
    tags: listed(v.tags),
    channels: listed(v.channels),
    ship_complete: v.complete === "" ? null : v.complete === "whole",
    most_orders: number(v.most_orders),
    most_lines: number(v.most_lines),
    most_units: number(v.most_units),
  };
}

export function enteredOf(filter: Partial<Filter>): Entered {
  const text = (n: number | null | undefined) => (n === null || n === undefined ? "" : String(n));
  return {
    hours: text(filter.due_within_minutes && filter.due_within_minutes / 60),
    services: (filter.services ?? []).join(", "),
    lines: filter.lines ?? "",
    zones: (filter.zones ?? []).join(", "),
    tags: (filter.tags ?? []).join(", "),
    channels: (filter.channels ?? []).join(", "),
    complete: typeof filter.ship_complete !== "boolean" ? "" : filter.ship_complete ? "whole" : "parts",
    most_orders: text(filter.most_orders),
    most_lines: text(filter.most_lines),
    most_units: text(filter.most_units),
  };
}

/** A filter in a line: `due within 4 h, single lines, at most 40 orders`. */
export function filterText(filter: Partial<Filter>): string {
  const parts = [
    filter.due_by ? "due by a moment" : "",
    typeof filter.due_within_minutes === "number" ? `due within ${filter.due_within_minutes / 60} h` : "",
    (filter.services ?? []).join(" or "),
    filter.lines === "single" ? "single lines" : filter.lines === "multi" ? "several lines" : "",
    filter.zones?.length ? `zone ${filter.zones.join(" or ")}` : "",
    filter.tags?.length ? `tagged ${filter.tags.join(" or ")}` : "",
    (filter.channels ?? []).join(" or "),
    typeof filter.ship_complete !== "boolean" ? "" : filter.ship_complete ? "that ship complete" : "that may part",
    filter.fulfilments?.length ? `${whole(filter.fulfilments.length)} chosen by hand` : "",
    typeof filter.most_orders === "number" ? `at most ${whole(filter.most_orders)} orders` : "",
    typeof filter.most_lines === "number" ? `at most ${whole(filter.most_lines)} lines` : "",
    typeof filter.most_units === "number" ? `at most ${whole(filter.most_units)} units` : "",
  ].filter(Boolean);
  return parts.join(", ") || "everything that waits";
}
