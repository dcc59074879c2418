import type { Shape } from "@/api/client";
import { decimal, minorUnits } from "@/parts/Money";
import { percentOf, ppmOf } from "@/parts/percent";
import type { Choice, Grade } from "./return";

type Rule = Shape<"DispositionRuleBody">;
export type TermValues = { grade: Grade; choice: Choice; category: string; currency: string; share: string; chance: string; cost: string; cost_amount: string; freight: string };
export type TermsValues = { rules: TermValues[]; vendors: string; note: string };

export const NEW_TERM: TermValues = { grade: "damaged", choice: "outlet", category: "", currency: "", share: "", chance: "100", cost: "", cost_amount: "", freight: "" };

/** A version as it stands in the form, to start the next one from. */
export function termsValues(t: Pick<Shape<"DispositionTermsDetail">, "rules" | "vendors">): TermsValues {
  const amount = (minor: number, currency: string | null) => (minor && currency ? decimal(minor, currency) : "");
  return {
    note: "",
    vendors: (t.vendors as string[]).join(", "),
    rules: t.rules.map((r) => ({
      grade: r.grade as Grade,
      choice: r.choice as Choice,
      category: r.category ?? "",
      currency: r.currency ?? "",
      share: percentOf(r.share_ppm),
      chance: percentOf(r.chance_ppm),
      cost: r.cost_ppm ? percentOf(r.cost_ppm) : "",
      cost_amount: amount(r.cost_amount, r.currency),
      freight: amount(r.freight_amount, r.currency),
    })),
  };
}

const rate = (typed: string) => (typed.trim() ? ppmOf(typed) : 0);

function ruleOf(r: TermValues): Rule | null {
  const currency = r.currency.trim().toUpperCase() || null;
  const sum = (typed: string) => (typed.trim() ? (currency ? minorUnits(typed, currency) : null) : 0);
  const [share, chance, cost, amount, freight] = [rate(r.share), rate(r.chance), rate(r.cost), sum(r.cost_amount), sum(r.freight)];
  if (share === null || chance === null || cost === null || amount === null || freight === null) return null;
  return {
    grade: r.grade, choice: r.choice, category: r.category.trim() || null, currency,
    share_ppm: share, chance_ppm: chance, cost_ppm: cost, cost_amount: amount, freight_amount: freight,
  };
}

/** What the API takes, or null where an amount or a rate is none. */
export function termsBody({ rules, vendors, note }: TermsValues): Shape<"NewDispositionTerms"> | null {
  const told = rules.map(ruleOf);
  if (told.includes(null)) return null;
  return { rules: told as Rule[], vendors: vendors.split(/[\s,]+/).filter(Boolean), note: note.trim() || null };
}
