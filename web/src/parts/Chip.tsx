import { memo } from "react";

type Tone = "ok" | "warn" | "bad" | "info" | "mute" | "accent";

/** What a state means to a person: done, moving, waits, wrong, over. Unknown words are quiet. */
const TONES: Record<string, Tone> = {
  // orders
  draft: "mute", placed: "info", held: "warn", released: "accent", partly_shipped: "accent", shipped: "ok",
  delivered: "ok", cancelled: "mute", closed: "mute",
  // money
  pending: "info", authorised: "info", paid: "ok", captured: "ok", declined: "bad", partly_refunded: "warn",
  refunded: "mute", voided: "mute", unknown: "bad", asked: "info", succeeded: "ok",
  // returns
  requested: "warn", short: "bad", missing: "mute", fulfilled: "ok", resolved: "ok", denied: "mute", blocked: "bad",
  awaited: "mute", on_its_way: "accent",
  // warehouse
  ready: "info", picking: "accent", picked: "accent", packed: "accent", labelled: "accent", open: "info", done: "ok",
  allocated: "ok", backordered: "warn", in_transit: "accent", sent: "accent", received: "ok", planned: "info",
  counting: "accent", posted: "ok", sellable: "ok", quarantine: "warn", damaged: "bad", transit: "accent",
  live: "ok", consumed: "mute", expired: "mute",
  // labels
  buying: "accent", bought: "ok", refused: "bad", given_up: "mute", granted: "ok",
  // buying
  approved: "info", confirmed: "accent", partly_received: "warn", short_closed: "mute", ordered: "ok", snoozed: "mute",
  rejected: "mute", gone: "mute", booked: "ok", taken_back: "mute", entered: "warn", matched: "accent", disputed: "bad", settled: "ok",
  queued: "info", kept: "mute", announced: "info", arrived: "warn", receiving: "accent",
  early: "info", on_day: "ok", late: "warn", outstanding: "mute", missed: "bad",
  // quality
  inspecting: "accent", decided: "warn", accepted: "ok", tightened: "warn", reduced: "ok",
  // carriers
  picked_up: "accent", on_hold: "warn", out_for_delivery: "accent", ready_for_pickup: "info", delivery_failed: "bad", delivery_delayed: "warn",
  return_to_sender: "bad", taken: "accent", acting: "accent", filed: "accent", written_off: "mute", credited: "ok", fair: "mute",
  // holds
  payment: "info", fraud: "bad", address: "warn", manual: "warn",
  // routing
  retired: "mute", dropped: "mute", planning: "accent", applying: "accent", moved: "ok", skipped: "warn",
  // catalogue, people, runtime
  active: "ok", inactive: "mute", discontinued: "mute", revoked: "mute", stopped: "warn", running: "accent", undoing: "warn",
  stuck: "bad", failed: "bad", dead: "bad", waiting: "info", undone: "mute", proposed: "info", applied: "ok",
  discarded: "mute",
  // data
  uploading: "info", checking: "accent",
};

/** `partly_shipped` → `Partly shipped`. */
export function words(state: string): string {
  const text = state.replace(/[_-]+/g, " ").trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The state of a thing. `none` and nothing at all draw nothing. */
export const Chip = memo(function Chip({ state, tone, label }: { state: string | null | undefined; tone?: Tone; label?: string }) {
  if (!state || state === "none") return null;
  return (
    <span className="chip" data-tone={tone ?? TONES[state] ?? "mute"}>
      {label ?? words(state)}
    </span>
  );
});
