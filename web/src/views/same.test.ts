import { expect, test } from "vitest";
import { sameView } from "./same";

test("the order of filters means nothing, their values, the sort and the columns do", () => {
  const held = { filters: { status_eq: "held", email_cont: "ada" }, sort: "-created_at", columns: ["number", "total"] };
  expect(sameView(held, { filters: { email_cont: "ada", status_eq: "held" }, sort: "-created_at", columns: ["number", "total"] })).toBe(true);
  expect(sameView(held, { ...held, sort: "total" })).toBe(false);
  expect(sameView(held, { ...held, filters: { status_eq: "held" } })).toBe(false);
  expect(sameView(held, { ...held, columns: ["total", "number"] })).toBe(false);
});
