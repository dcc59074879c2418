import { expect, test } from "vitest";
import { ACTIONS, NO_VALUES } from "./actions";

const action = (id: string) => ACTIONS.orders.find((a) => a.id === id);

test("tags are split at commas, once each, and nothing is asked without any", () => {
  expect(action("tag")?.make({ ...NO_VALUES, add: " vip, gift ,vip," })).toEqual({ action: "tag", add: ["vip", "gift"], remove: [] });
  expect(action("tag")?.make(NO_VALUES)).toBeNull();
});

test("cancelling needs a reason, releasing lifts every hold", () => {
  expect(action("cancel")?.make(NO_VALUES)).toBeNull();
  expect(action("release")?.make(NO_VALUES)).toEqual({ action: "release", reason: null, note: null });
});
