import type { Shape } from "@/api/client";
import { decimal, minorUnits } from "@/parts/Money";
import { percentOf, ppmOf } from "@/parts/percent";

type Rule = Shape<"PolicyRule">;
export type RuleValues = {
  name: string; category: string; channel: string; country: string; customer_class: string; reason: string; window_days: string;
  final_sale: boolean; fee: string; fee_amount: string; fee_currency: string; refund_when: "receipt" | "handover" | "approval";
  auto_approve: boolean; refund_shipping: boolean; refund_unsellable: boolean; bonus: string; instant_exchange: boolean;
  label_paid_by: string; keep_below: string; carriage_amount: string; keep_currency: string; limit_returns: string; limit_share: string;
  limit_days: string;
};
export type PolicyValues = { rules: RuleValues[]; note: string };

export const NEW_RULE: RuleValues = {
  name: "", category: "", channel: "", country: "", customer_class: "", reason: "", window_days: "30", final_sale: false, fee: "",
  fee_amount: "", fee_currency: "", refund_when: "receipt", auto_approve: false, refund_shipping: true, refund_unsellable: false, bonus: "",
  instant_exchange: false, label_paid_by: "", keep_below: "", carriage_amount: "", keep_currency: "", limit_returns: "", limit_share: "",
  limit_days: "365",
};

/** A version as it stands in the form, to start the next one from. */
export function policyValues(rules: Shape<"ReturnPolicyRules">[] | undefined): PolicyValues {
  if (!rules?.length) return { rules: [{ ...NEW_RULE, name: "Everything" }], note: "" };
  const amount = (minor: number, currency: string | null) => (minor && currency ? decimal(minor, currency) : "");
  return {
    note: "",
    rules: rules.map((r) => ({
      name: r.name,
      category: r.category ?? "",
      channel: r.channel ?? "",
      country: r.country ?? "",
      customer_class: r.customer_class ?? "",
      reason: r.reason ?? "",
      window_days: r.window_days === null ? "" : String(r.window_days),
      final_sale: r.final_sale,
      fee: r.fee_ppm ? percentOf(r.fee_ppm) : "",
      fee_amount: amount(r.fee_amount, r.fee_currency),
      fee_currency: r.fee_currency ?? "",
      refund_when: r.refund_when as RuleValues["refund_when"],
      auto_approve: r.auto_approve,
      refund_shipping: r.refund_shipping,
      refund_unsellable: r.refund_unsellable,
      bonus: r.credit_bonus_ppm ? percentOf(r.credit_bonus_ppm) : "",
      instant_exchange: r.instant_exchange,
      label_paid_by: r.label_paid_by ?? "",
      keep_below: amount(r.keep_below, r.keep_currency),
      carriage_amount: amount(r.carriage_amount, r.keep_currency),
      keep_currency: r.keep_currency ?? "",
      limit_returns: r.limit_returns === null ? "" : String(r.limit_returns),
      limit_share: r.limit_ppm === null ? "" : percentOf(r.limit_ppm),
      limit_days: String(r.limit_days),
    })),
  };
}

const orNull = (typed: string) => typed.trim() || null;
const rate = (typed: string) => (typed.trim() ? ppmOf(typed) : 0);
const sum = (typed: string, currency: string | null) => (typed.trim() ? (currency ? minorUnits(typed, currency) : null) : 0);

function ruleOf(r: RuleValues): Rule | null {
  const [currency, keeps] = [orNull(r.fee_currency.toUpperCase()), orNull(r.keep_currency.toUpperCase())];
  const [fee, bonus, amount] = [rate(r.fee), rate(r.bonus), sum(r.fee_amount, currency)];
  const [below, carriage, share] = [sum(r.keep_below, keeps), sum(r.carriage_amount, keeps), r.limit_share.trim() ? ppmOf(r.limit_share) : undefined];
  if (fee === null || amount === null || bonus === null || below === null || carriage === null || share === null) return null;
  return {
    name: r.name.trim(),
    category: orNull(r.category),
    channel: orNull(r.channel),
    country: orNull(r.country.toUpperCase()),
    customer_class: orNull(r.customer_class),
    reason: orNull(r.reason) as Rule["reason"],
    window_days: r.window_days.trim() ? Number(r.window_days) : null,
    final_sale: r.final_sale,
    fee_ppm: fee,
    fee_amount: amount,
    fee_currency: amount ? currency : null,
    refund_when: r.refund_when,
    auto_approve: r.auto_approve,
    refund_shipping: r.refund_shipping,
    refund_unsellable: r.refund_unsellable,
    credit_bonus_ppm: bonus,
    instant_exchange: r.instant_exchange,
    label_paid_by: orNull(r.label_paid_by) as Rule["label_paid_by"],
    keep_below: below,
    carriage_amount: carriage,
    keep_currency: below || carriage ? keeps : null,
    limit_returns: r.limit_returns.trim() ? Number(r.limit_returns) : null,
    limit_ppm: share ?? null,
    limit_days: Number(r.limit_days) || 365,
  };
}

/** What the API takes, or null where an amount or a rate is none. */
export function policyRules({ rules }: PolicyValues): Rule[] | null {
  const told = rules.map(ruleOf);
  return told.includes(null) ? null : (told as Rule[]);
}
