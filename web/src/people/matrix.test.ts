import { expect, test } from "vitest";
import { cellOf, matrixOf } from "./matrix";

test("scopes make a table of nouns and verbs", () => {
  expect(matrixOf(["write_orders", "read_orders", "refund_payments", "read_payments", "share_views", "judge_goods"])).toEqual({
    nouns: ["goods", "orders", "payments", "views"],
    verbs: ["read", "write", "judge", "refund", "share"],
  });
  expect(cellOf("write_dead_letters")).toEqual({ verb: "write", noun: "dead_letters" });
});
