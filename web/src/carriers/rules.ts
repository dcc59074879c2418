import type { Shape } from "@/api/client";

export type RuleSet = Shape<"CarrierRuleSet">;
export type Rule = Shape<"CarrierRuleBody">;
type Kind = Rule["kind"];

type Known = { label: string; said: string; hard?: true; services?: true; amount?: string; percent?: string; weights?: true };

/** Every kind of rule, in the order in which they are offered. */
export const KINDS: Record<Kind, Known> = {
  forbid: { label: "Forbid", said: "These services take no such parcel.", hard: true, services: true },
  require: { label: "Require", said: "Nothing but these services takes such a parcel; when they cannot, it waits for a person.", hard: true, services: true },
  most_late: { label: "Late at most", said: "What is likelier to be late is left out while there is another.", percent: "Chance to be late" },
  most_above: { label: "Above the cheapest at most", said: "What costs more than that above the cheapest is left out.", amount: "Above it", percent: "Above it" },
  prefer: { label: "Prefer", said: "These go before others, as long as their expected cost is not more than that above the least.", services: true, amount: "Above the least", percent: "Above the least" },
  weigh: { label: "Weigh", said: "What lateness and loss cost for these parcels, in place of the policy.", weights: true },
};

export function fresh(kind: Kind): Rule {
  return {
    kind, active: true, note: null, channels: [], tags: [], countries: [], postcodes: [], nodes: [], services: [],
    over_grams: null, up_to_grams: null, over_value: null, up_to_value: null, hazmat: null, fragile: null, within_days: null,
    currency: null, limit_amount: null, limit_ppm: kind === "most_late" ? 100_000 : null, late_cost: null, loss_ppm: null,
  };
}

export const listOf = (text: string): string[] => [...new Set(text.split(",").map((each) => each.trim()).filter(Boolean))];

/** When a rule fits, in words; for every parcel when nothing is set. */
export function when(rule: Rule): string {
  const told: string[] = [];
  const list = (name: string, values: readonly string[] | undefined) => {
    if (values?.length) told.push(`${name} ${values.join(" or ")}`);
  };
  list("channel", rule.channels);
  list("customer", rule.tags);
  list("to", rule.countries);
  list("postcode", rule.postcodes);
  list("from", rule.nodes);
  if (rule.over_grams !== null && rule.over_grams !== undefined) told.push(`over ${rule.over_grams} g`);
  if (rule.up_to_grams !== null && rule.up_to_grams !== undefined) told.push(`up to ${rule.up_to_grams} g`);
  if (rule.over_value !== null && rule.over_value !== undefined) told.push("worth more");
  if (rule.up_to_value !== null && rule.up_to_value !== undefined) told.push("worth less");
  if (rule.hazmat !== null && rule.hazmat !== undefined) told.push(rule.hazmat ? "hazardous" : "not hazardous");
  if (rule.fragile !== null && rule.fragile !== undefined) told.push(rule.fragile ? "fragile" : "not fragile");
  if (rule.within_days !== null && rule.within_days !== undefined) told.push(`promised within ${rule.within_days} days`);
  return told.length ? told.join(", ") : "every parcel";
}

