import { expect, test } from "vitest";
import { filterQuery } from "@/api/data";
import { dayOf, momentOf } from "./FilterEditor";
import { sentence, splitName, type Filter } from "./filters";
import { listHref } from "./links";

test("the longest operator wins", () => {
  expect(splitName("status_not_eq")).toEqual({ field: "status", operator: "not_eq" });
  expect(splitName("placed_at_gteq")).toEqual({ field: "placed_at", operator: "gteq" });
  expect(splitName("customer_id_null")).toEqual({ field: "customer_id", operator: "null" });
});

test("filters read as sentences", () => {
  const offered: Filter[] = [{ field: "status", label: "Status", kind: "choice", choices: [] }];
  expect(sentence("status_in", "held,partly_shipped", offered)).toBe("Status is held or partly shipped");
  expect(sentence("customer_id_null", "true", offered)).toBe("customer id is empty");
});

test("a day is the whole day of this zone, and comes back as the same day", () => {
  expect(dayOf(momentOf("2026-03-29", 1), 1)).toBe("2026-03-29");
  expect(new Date(momentOf("2026-03-29", 0)).getHours()).toBe(0);
});

test("an address and the API's query use the same words", () => {
  expect(listHref("list_orders", { status_in: ["held", "placed"], sku_eq: "A&B" })).toBe("/orders?status_in=held,placed&sku_eq=A%26B");
  expect(filterQuery({ status_in: ["held", "placed"], sku: "MUG", email: "" })).toEqual({ status_in: "held,placed", sku_eq: "MUG" });
});
