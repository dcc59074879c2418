import { expect, test } from "vitest";
import { sentence } from "@/parts/filters";
import { listHref } from "@/parts/links";
import { besides, classBody, classValues, POLICIES, POLICY_FILTER, ruleBody, ruleValues, type Rule } from "./policies";

const AX = {
  code: "AX", policy: "s-S", service_ppm: 975_000, measured_by: "fill", review_days: 7, order_cost: 1000, holding_ppm: 250_000,
  places: 3, version: 2, updated_at: "",
};
const FAIR = {
  node: "LON", sku: "MUG", policy: "min/max", service_ppm: null, minimum: 0, maximum: 20, lot: null, review_days: null,
  supplier: null, snoozed_until: null, why: "a fair", class_code: "AX", class_policy: "s-S", version: 1,
} as unknown as Rule;

test("a class that nobody touched is sent as it was", () => {
  expect(classBody(classValues(AX), 2)).toEqual({
    policy: "s-S", service_ppm: 975_000, measured_by: "fill", review_days: 7, order_cost: 1000, holding_ppm: 250_000, version: 2,
  });
  expect(classBody({ ...classValues(AX), service_ppm: "much" }, 2)).toBeNull();
});

test("what a rule leaves empty follows from the class, and a minimum of none at all is a minimum", () => {
  const body = ruleBody(ruleValues(FAIR, FAIR), 1);
  expect(body).toEqual({
    policy: "min/max", service_ppm: null, minimum: 0, maximum: 20, lot: null, review_days: null, supplier: null,
    snoozed_until: null, why: "a fair", version: 1,
  });
  expect(ruleBody(ruleValues({ node: "LON", sku: "MUG" }), null)).toMatchObject({ policy: null, minimum: null, supplier: null, why: null });
  expect(ruleBody({ ...ruleValues(FAIR), service_ppm: "99.95x" }, null)).toBeNull();
});

test("a rule stands beside what its class would say", () => {
  const lines = Object.fromEntries(besides(FAIR, AX).map((l) => [l.what, [l.here, l.otherwise]]));
  expect(lines).toMatchObject({
    Policy: ["min/max", "s-S"], Service: [null, "97.5 %"], "Looked at": [null, "every 7 days"], "Order at": ["0", "reckoned from demand"],
  });
  expect(besides(undefined, AX).every((l) => l.here === null)).toBe(true);
});

test("each policy is said in words of its own", () => {
  const said = Object.values(POLICIES).map((p) => p.said);
  expect(new Set(said).size).toBe(6);
});

test("a filter by policy names each in words, and several of them go into one address", () => {
  expect(POLICY_FILTER.choices.filter((choice) => choice.includes(","))).toEqual([]);
  expect(POLICY_FILTER.names["s-S"]).toBe("(s, S): at the point, up to a level");
  expect(listHref("list_suggestions", { policy_in: ["R-S", "s-S"] })).toBe("/replenishment?policy_in=R-S,s-S");
  expect(sentence("policy_in", "R-S,s-S", [POLICY_FILTER])).toBe("Policy is R-S or s-S");
});
