import type { Shape } from "@/api/client";
import type { Filter } from "@/parts/filters";
import { percentOf, ppmOf } from "@/parts/percent";

export type Policy = NonNullable<Shape<"RuleBody">["policy"]>;
export type Rule = Shape<"ReplenishmentRule">;
export type Class = Shape<"ReplenishmentClass">;
type Measure = NonNullable<Shape<"ClassBody">["measured_by"]>;

export const SIBLINGS = [
  { label: "Suggestions", to: "/replenishment" },
  { label: "Every place", to: "/replenishment/places" },
  { label: "Rules", to: "/replenishment/rules" },
  { label: "Classes", to: "/replenishment/classes" },
];

export const placeHref = (node: string, sku: string) => `/replenishment/places/${encodeURIComponent(node)}/${encodeURIComponent(sku)}`;
export const tryHref = (node: string, sku: string) => `${placeHref(node, sku)}/try`;

/** What each policy does, in plain words. */
export const POLICIES: Record<Policy, { label: string; said: string }> = {
  "R-S": {
    label: "(R, S): regularly, up to a level",
    said: "On every review day it orders whatever is missing up to the level S, be it much or little. Good where a supplier takes orders on fixed days.",
  },
  "s-S": {
    label: "(s, S): at the point, up to a level",
    said: "Once the position is at or below the reorder point s, it orders up to the level S. In between it waits. It looks every day.",
  },
  "s-Q": {
    label: "(s, Q): at the point, in whole lots",
    said: "Once the position is at or below the reorder point s, it orders as many economic lots Q as bring it above s again. Every order is of the same size, or of two or three of them.",
  },
  "min/max": {
    label: "Min/max: as somebody said",
    said: "Below the minimum it orders up to the maximum. Both are numbers that a person gave in a rule; demand does not change them. Without a rule the reckoned point and level stand in for them.",
  },
  fixed: {
    label: "Fixed: the same each time",
    said: "On every review day it orders the same quantity, whatever lies there. The quantity stands in a rule; without one it is the economic lot.",
  },
  none: {
    label: "None: never",
    said: "Nothing is ever suggested: for what is sold out for good, or is ordered by hand.",
  },
};

export const POLICY_CHOICES = (Object.keys(POLICIES) as Policy[]).map((value) => ({ value, label: POLICIES[value].label }));

/** A filter of any list that has policies. */
export const POLICY_FILTER = {
  field: "policy",
  label: "Policy",
  kind: "choice",
  choices: POLICY_CHOICES.map(({ value }) => value),
  names: Object.fromEntries(POLICY_CHOICES.map(({ value, label }) => [value, label])),
} satisfies Filter;

export const MEASURES: Record<Measure, { label: string; said: string }> = {
  fill: { label: "of the units (fill rate)", said: "so many of the units asked for are there at once" },
  cycle: { label: "of the orders (cycle service)", said: "so many replenishments come before the stock is gone" },
};

export const LETTERS = { A: "the first 80 % of the value bought in a year in its currency", B: "the next 15 %", C: "the last 5 %, and what nobody asks for" } as const;
export const VARIES = { X: "steady from week to week", Y: "varies", Z: "varies more than it sells, or nobody asks for it" } as const;

export const serviceText = (ppm: number) => `${percentOf(ppm)} %`;
export const daysText = (days: number) => (days === 1 ? "every day" : `every ${days} days`);

export type ClassValues = { policy: Policy; service_ppm: string; measured_by: Measure; review_days: string; order_cost: string; holding_ppm: string };

export function classValues(c: Class): ClassValues {
  return {
    policy: c.policy as Policy,
    service_ppm: percentOf(c.service_ppm),
    measured_by: c.measured_by as Measure,
    review_days: String(c.review_days),
    order_cost: String(c.order_cost),
    holding_ppm: percentOf(c.holding_ppm),
  };
}

export function classBody(values: ClassValues, version: number): Shape<"ClassBody"> | null {
  const service = ppmOf(values.service_ppm);
  const holding = ppmOf(values.holding_ppm);
  if (service === null || holding === null) return null;
  return {
    policy: values.policy, service_ppm: service, measured_by: values.measured_by, review_days: Number(values.review_days),
    order_cost: Number(values.order_cost), holding_ppm: holding, version,
  };
}

/** What a select means by nothing: as the class. */
export const AS_CLASS = " ";

export type RuleValues = {
  node: string; sku: string; policy: string; service_ppm: string; minimum: string; maximum: string; lot: string;
  review_days: string; supplier: string; snoozed_until: string; why: string;
};

const text = (value: number | null | undefined) => String(value ?? "");

export function ruleValues(place: { node: string; sku: string }, rule?: Rule): RuleValues {
  return {
    ...place,
    policy: rule?.policy ?? AS_CLASS,
    service_ppm: rule?.service_ppm ? percentOf(rule.service_ppm) : "",
    minimum: text(rule?.minimum),
    maximum: text(rule?.maximum),
    lot: text(rule?.lot),
    review_days: text(rule?.review_days),
    supplier: rule?.supplier ?? AS_CLASS,
    snoozed_until: rule?.snoozed_until ?? "",
    why: rule?.why ?? "",
  };
}

const whole = (typed: string) => (typed.trim() ? Number(typed) : null);

/** What is left empty follows from the class again. */
export function ruleBody(values: RuleValues, version: number | null): Shape<"RuleBody"> | null {
  const service = values.service_ppm.trim() ? ppmOf(values.service_ppm) : null;
  if (service === null && values.service_ppm.trim()) return null;
  return {
    policy: (values.policy.trim() || null) as Policy | null,
    service_ppm: service,
    minimum: whole(values.minimum),
    maximum: whole(values.maximum),
    lot: whole(values.lot),
    review_days: whole(values.review_days),
    supplier: values.supplier.trim() || null,
    snoozed_until: values.snoozed_until || null,
    why: values.why.trim() || null,
    version,
  };
}

/** The rule beside its class, line by line: what is said here, and what would hold without it. */
export function besides(rule: Rule | undefined, of: Class | undefined): { what: string; here: string | null; otherwise: string | null }[] {
  const said = (units: number | null | undefined) => units?.toLocaleString("en-GB") ?? null;
  const often = (days: number | null | undefined) => (days ? daysText(days) : null);
  return [
    { what: "Policy", here: rule?.policy ?? null, otherwise: of?.policy ?? null },
    { what: "Service", here: rule?.service_ppm ? serviceText(rule.service_ppm) : null, otherwise: of ? serviceText(of.service_ppm) : null },
    { what: "Looked at", here: often(rule?.review_days), otherwise: often(of?.review_days) },
    { what: "Order at", here: said(rule?.minimum), otherwise: "reckoned from demand" },
    { what: "Fill up to", here: said(rule?.maximum), otherwise: "reckoned from demand" },
    { what: "Quantity", here: said(rule?.lot), otherwise: "the economic lot" },
    { what: "Bought from", here: rule?.supplier ?? null, otherwise: "whoever is asked first" },
    { what: "Nothing before", here: rule?.snoozed_until ?? null, otherwise: null },
  ];
}
