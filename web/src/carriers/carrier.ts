import type { Shape } from "@/api/client";

export type Service = Shape<"ServiceScore">;
export type Lane = Shape<"CarrierLane">;
export type Offer = Shape<"Offer">;

export const SIBLINGS = [
  { label: "Scorecards", to: "/carriers" },
  { label: "Rate cards", to: "/carriers/cards" },
  { label: "Policies", to: "/carriers/policies" },
  { label: "Rules", to: "/carriers/rules" },
  { label: "Choices", to: "/carriers/choices" },
  { label: "Parcels", to: "/carriers/parcels" },
  { label: "Drift", to: "/carriers/drifts" },
];

export const scorecardHref = (carrier: string) => `/carriers/of/${encodeURIComponent(carrier)}`;
export const cardHref = (id: string) => `/carriers/cards/${id}`;
export const choiceHref = (id: string) => `/carriers/choices/${id}`;
export const ruleSetHref = (id: string) => `/carriers/rules/${id}`;

/** The times that scorecards can be of, in days until now. */
export const TIMES = [30, 90, 180, 365] as const;

export function timeOf(asked: string | null): number {
  return TIMES.find((days) => String(days) === asked) ?? 180;
}

/** Parts per million to a tenth of a per cent. */
export const share = (ppm: number | null | undefined): string => (ppm === null || ppm === undefined ? "–" : `${(ppm / 10_000).toFixed(1)} %`);

/** Thousandths as people read them. */
export const thousandths = (milli: number): string => (milli / 1000).toFixed(1);

export const kilos = (grams: number): string => `${(grams / 1000).toLocaleString("en-GB", { maximumFractionDigits: 2 })} kg`;
