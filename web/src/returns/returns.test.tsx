import { cleanup, render, screen, within } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, expect, test } from "vitest";
import type { Shape } from "@/api/client";
import { gradedBody, gradedValues, wantedBody, wantedValues } from "./form";
import { PreviewOf } from "./NewReturn";
import { feeText, fitsText, pathTexts, windowText } from "./Policies";
import { NEW_RULE, policyRules, policyValues } from "./policy";
import { saidText } from "./PolicyChanges";
import { openOf, withheldOf, type WholeReturn } from "./return";
import { titleOf } from "./ReturnDetail";
import { RateText } from "./Signals";
import { NEW_TERM, termsBody, termsValues } from "./terms";
import { costText } from "./Terms";
import { sumText, Weighed } from "./Weighed";

afterEach(cleanup);

const LINE = { line_no: 1, sku: "PHONE", components: null, quantity: 5, sellable: 1, damaged: 1, not_as_described: 0, missing: 1, stayed: 0, credited: 1 } as WholeReturn["lines"][number];
const RETURN = { lines: [LINE, { ...LINE, line_no: 2, quantity: 3 }] } as WholeReturn;

test("a line tells what is still to come and what is here and not paid for", () => {
  expect(openOf(LINE)).toBe(2);
  expect(withheldOf(LINE)).toBe(1);
  expect(withheldOf({ ...LINE, credited: 5 })).toBe(0);
});

test("what nothing comes back of is left out", () => {
  const lines = [{ line_no: 1 }, { line_no: 2 }] as Shape<"Returnable">["lines"];
  const wanted = wantedValues(lines);
  expect(wantedBody(wanted, lines)).toEqual([]);
  wanted.l2 = { units: "2", reason: "faulty", remark: " hums " };
  expect(wantedBody(wanted, lines)).toEqual([{ line_no: 2, quantity: 2, reason: "faulty", remark: "hums" }]);
});

test("what is still to come is as new until somebody says otherwise, and each grade is told apart", () => {
  const graded = gradedValues(RETURN);
  expect(Object.keys(graded)).toEqual(["l1"]);
  expect(gradedBody(graded)).toEqual([{ line_no: 1, quantity: 2, grade: "sellable", disposition: null, disposition_why: null, note: null, lots: {} }]);
  graded.l1 = { ...graded.l1!, sellable: "1", damaged: "1", note: " torn ", becomes: { damaged: "destroy" }, becomes_why: " mould ", lots: [{ sku: "PHONE", lot: " S1 " }, { sku: "MUG", lot: "" }] };
  expect(gradedBody(graded)).toEqual([
    { line_no: 1, quantity: 1, grade: "sellable", disposition: null, disposition_why: null, note: null, lots: { PHONE: "S1" } },
    { line_no: 1, quantity: 1, grade: "damaged", disposition: "destroy", disposition_why: "mould", note: "torn", lots: { PHONE: "S1" } },
  ]);
});

test("a policy goes into the form and out of it as it was", () => {
  const rule = {
    no: 1, name: "Shoes", category: "Shoes", channel: null, country: "DE", window_days: 14, final_sale: false, fee_ppm: 77125,
    fee_amount: 250, fee_currency: "EUR", refund_when: "approval", auto_approve: true, refund_shipping: false, refund_unsellable: false,
    credit_bonus_ppm: 50000, instant_exchange: true, customer_class: "wholesale", reason: "too_small", label_paid_by: "shop", keep_below: 500,
    carriage_amount: 450, keep_currency: "EUR", limit_returns: 4, limit_ppm: 300000, limit_days: 90,
  } as Shape<"ReturnPolicyRules">;
  expect(policyRules(policyValues([rule]))?.map((asked) => ({ no: 1, ...asked }))).toEqual([rule]);
  expect(policyRules({ rules: [{ ...NEW_RULE, fee_amount: "2.50" }], note: "" })).toBeNull();
  expect(policyRules({ rules: [{ ...NEW_RULE, fee: "a lot" }], note: "" })).toBeNull();
  expect(policyRules({ rules: [{ ...NEW_RULE, keep_below: "5" }], note: "" })).toBeNull();
  expect([fitsText(rule), feeText(rule), windowText(rule)]).toEqual(["Shoes · DE · wholesale · Too small", "7.7125 % and 2.50 EUR a unit", "14 days"]);
  expect(pathTexts(rule)).toEqual(["stays up to 5.00 EUR", "stays where it brings less than 4.50 EUR", "4 returns in 90 days", "30 % of what was bought in 90 days"]);
});

test("the preview shows the server's sums, and what the payments do not have", () => {
  const preview = {
    currency: "EUR", lines: [{ line_no: 1, quantity: 2, title: "Mug", paid: 2000, fee: 200, allowed: false, why: "rule 1 says final sale" }],
    shipping: 245, tax: 340, total: 2045, refundable: 1000, label_paid_by: "customer", approved_at_once: false, keep_why: "rule 1: worth little", review: "4 returns in 90 days",
  } as unknown as Shape<"ReturnPreview">;
  render(<MemoryRouter><PreviewOf preview={preview} /></MemoryRouter>);
  const facts = screen.getAllByRole("definition").map((each) => each.textContent);
  expect(facts).toEqual(["2.45EUR", "3.40EUR", "20.45EUR", "10.00EUR", "The customer"]);
  expect(screen.getByText(/The customer keeps the goods/).parentElement?.textContent).toBe("The customer keeps the goods. rule 1: worth little");
  expect(screen.getByText("A person looks first: 4 returns in 90 days")).toBeTruthy();
  expect(within(document.body).getByText("rule 1 says final sale").className).toBe("minus small");
});

test("a step and a word are told apart", () => {
  expect(titleOf({ from_status: null, to_status: "requested" })).toBe("Requested");
  expect(titleOf({ from_status: "approved", to_status: "partly_received" })).toBe("Approved → partly received");
  expect(titleOf({ from_status: "received", to_status: "received" })).toBe("Received");
});

test("terms go into the form and out of it as they were", () => {
  const rule = { no: 1, grade: "damaged", choice: "vendor", category: "Shoes", currency: "EUR", share_ppm: 1_000_000, chance_ppm: 725000, cost_ppm: 50000, cost_amount: 120, freight_amount: 45 } as Shape<"DispositionTermsRules">;
  const body = termsBody(termsValues({ rules: [rule], vendors: ["HANSA", "BOND"] }));
  expect(body?.vendors).toEqual(["HANSA", "BOND"]);
  expect(body?.rules.map((asked) => ({ no: 1, ...asked }))).toEqual([rule]);
  expect(termsBody({ rules: [{ ...NEW_TERM, freight: "2" }], vendors: "", note: "" })).toBeNull();
  expect(costText(rule)).toBe("5 % and 1.20 EUR and 0.45 EUR freight");
});

test("a choice shows how its value came about, or why it is none", () => {
  const refurbish = { choice: "refurbish", of: 833, share_ppm: 800000, chance_ppm: 800000, gets: 533, cost: 208, freight: 0, value: 325, supplier: null, why: null };
  const vendor = { ...refurbish, choice: "vendor", value: null, why: "no supplier takes it back" };
  expect(sumText(refurbish, "EUR")).toBe("8.33 EUR × 80 % × 80 % − 2.08 EUR");
  render(<Weighed choices={[refurbish, vendor]} currency="EUR" />);
  const rows = screen.getAllByRole("row").slice(1).map((row) => row.textContent);
  expect(rows).toEqual(["Refurbish8.33 EUR × 80 % × 80 % − 2.08 EUR3.25 EUR", "Back to the supplierno supplier takes it back–"]);
});

test("what rules would say is told in a few words", () => {
  const said = { rule: "Any", verdict: "open", allowed: true, at_once: true, kept: false, refund_when: "receipt", fee: 100 };
  expect(saidText(said, "EUR")).toBe("at once, paid when here, fee 1.00 EUR");
  expect(saidText({ ...said, kept: true, fee: 0 }, "EUR")).toBe("at once, stays with the customer");
  expect(saidText({ ...said, allowed: false, verdict: "final" }, "EUR")).toBe("Final sale");
});

test("a rate stands beside the shop's", () => {
  render(<RateText of={{ returns: 3, back: 9, bought: 10, rate_ppm: 366667, mean_ppm: 100000, prior_units: 20, currency: "EUR" }} />);
  expect(screen.getByText("36.7 %, drawn towards the shop's 10.0 %").title).toBe("(9 + 20 × 10 %) / (10 + 20)");
});
