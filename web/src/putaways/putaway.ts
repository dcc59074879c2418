import type { Shape } from "@/api/client";

export type Putaway = Shape<"Putaway">;
export type PutawayTask = Shape<"PutawayTask">;
export type PutawayRule = Shape<"PutawayRule">;
type Goods = NonNullable<Shape<"PutawayRuleBody">["goods"]>;
type Said = Pick<PutawayRule, "goods" | "value" | "zone" | "bin" | "units_per_bin" | "strict">;

export const SIBLINGS = [
  { label: "What was put where", to: "/putaways" },
  { label: "To put away", to: "/putaways/tasks" },
  { label: "Rules", to: "/putaways/rules" },
];

/** What a word in `overridden` says spoke against the bin. */
export const AGAINST: Record<string, string> = {
  suggestion: "another bin than suggested",
  rule: "against a rule",
  units: "more units than fit",
  weight: "heavier than it may be",
  volume: "more room than there is",
  blocked: "the bin is blocked",
  temperature: "another temperature",
  hazard_class: "a class of danger that may not lie there",
  mixes_skus: "for one SKU at a time",
  mixes_lots: "for one lot at a time",
};

export const GOODS: { value: Goods; label: string }[] = [
  { value: "everything", label: "Everything" },
  { value: "sku", label: "A SKU" },
  { value: "category", label: "A category" },
  { value: "hazard_class", label: "A class of danger" },
  { value: "temperature", label: "A temperature" },
];

const WHICH: Record<Goods, (value: string) => string> = {
  everything: () => "Everything",
  sku: (value) => value,
  category: (value) => `All of ${value}`,
  hazard_class: (value) => `Goods of class ${value}`,
  temperature: (value) => `${value.charAt(0).toUpperCase()}${value.slice(1)} goods`,
};

/** A rule as a sentence. */
export function ruleText({ goods, value, zone, bin, units_per_bin, strict }: Said): string {
  const where = bin ? `into bin ${bin}` : zone ? `into zone ${zone}` : "anywhere";
  const most = units_per_bin === null ? "" : `, at most ${units_per_bin} of a SKU in a bin`;
  return `${WHICH[goods as Goods](value)} ${where}${most}${strict ? ", and nowhere else" : ""}.`;
}

/** `4 into PICK, 2 into R1`, `6 have no place`. */
export function binsText(bins: readonly { bin: string | null; units: number }[]): string {
  return bins.map(({ bin, units }) => (bin === null ? `${units} have no place` : `${units} into ${bin}`)).join(", ") || "nothing is left";
}

export type RuleValues = {
  node: string; code: string; goods: Goods; value: string; priority: string; zone: string; bin: string; units_per_bin: string; strict: boolean;
};

export function ruleValues(rule?: PutawayRule): RuleValues {
  return {
    node: rule?.node ?? "",
    code: rule?.code ?? "",
    goods: (rule?.goods ?? "sku") as Goods,
    value: rule?.value ?? "",
    priority: String(rule?.priority ?? 100),
    zone: rule?.zone ?? "",
    bin: rule?.bin ?? "",
    units_per_bin: rule?.units_per_bin ? String(rule.units_per_bin) : "",
    strict: rule?.strict ?? false,
  };
}

/** What the API takes of it. */
export function ruleBody(values: RuleValues): Omit<Shape<"PutawayRuleBody">, "version"> {
  const orNull = (typed: string) => typed.trim() || null;
  return {
    goods: values.goods,
    value: values.goods === "everything" ? "" : values.value.trim(),
    priority: Number(values.priority),
    zone: orNull(values.zone),
    bin: orNull(values.bin),
    units_per_bin: values.units_per_bin.trim() ? Number(values.units_per_bin) : null,
    strict: values.strict,
  };
}
