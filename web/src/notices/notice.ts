import type { Shape } from "@/api/client";
import type { ResourceName } from "@/api/resources";

export type ShipNotice = Shape<"AdvanceNotice">;
export type WholeNotice = Shape<"AdvanceNoticeDetail">;

/** What a step of a notice makes out of date; an order says how much of it is announced. */
export const TOUCHES: ResourceName[] = ["advance-notices", "purchase-orders"];

/** What the expected time rests on. */
export const RESTS_ON: Record<ShipNotice["expected_from"], string> = {
  record: "Their record",
  said: "What they say",
  lead_times: "Their lead times",
  terms: "Their terms",
};

export const noticeHref = (id: string) => `/notices/${id}`;

/** A day of the calendar as the API takes a moment of it: noon, which is that day almost everywhere. */
export const noonOf = (day: string) => `${day}T12:00:00Z`;
