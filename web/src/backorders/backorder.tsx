import type { Shape } from "@/api/client";
import type { ResourceName } from "@/api/resources";

export type Queue = Shape<"QueueState">;
export type Share = Shape<"QueuedShare">;
export type LatePromise = Shape<"BackorderPromise">;

/** What is read anew when somebody's turn or day changes. */
export const TOUCHES: (ResourceName | "home")[] = ["backorders", "backorder-promises", "fill-decisions", "allocations", "orders", "home"];

export const SIBLINGS = [
  { label: "Where orders wait", to: "/backorders" },
  { label: "Promised days", to: "/backorders/promises" },
  { label: "Pre-orders", to: "/backorders/pre-orders" },
  { label: "Promises kept", to: "/backorders/kept" },
  { label: "Who got what", to: "/backorders/decisions" },
  { label: "Who goes first", to: "/backorders/policies" },
  { label: "Kept from channels", to: "/backorders/buffers" },
];

export const queueHref = (sku: string, node: string) => `/backorders/at/${encodeURIComponent(sku)}/${encodeURIComponent(node)}`;

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const YEAR = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

/** `2026-03-14` → `14 Mar`: a day at the node, whose zone is no matter. */
export function dayText(day: string): string {
  const at = new Date(`${day}T00:00:00Z`);
  return (at.getUTCFullYear() === new Date().getUTCFullYear() ? DAY : YEAR).format(at);
}

export function Day({ on, none = "–" }: { on: string | null | undefined; none?: string }) {
  if (!on) return <span className="faint">{none}</span>;
  return (
    <time dateTime={on} className="nowrap">
      {dayText(on)}
    </time>
  );
}

/** The promised day, with the likely and the safe one on hover. */
export function PromisedDay({ of }: { of: { likely_on: string | null; promised_on: string | null; safe_on: string | null } }) {
  if (!of.promised_on || !of.likely_on || !of.safe_on) return <span className="minus">no day known</span>;
  const said = `Likely ${dayText(of.likely_on)}, promised ${dayText(of.promised_on)}, safe ${dayText(of.safe_on)}: so late in half, four of five, nineteen of twenty cases at the latest`;
  return (
    <time dateTime={of.promised_on} title={said} className="nowrap">
      {dayText(of.promised_on)}
      {of.safe_on !== of.promised_on && <span className="unit">to {dayText(of.safe_on)}</span>}
    </time>
  );
}
