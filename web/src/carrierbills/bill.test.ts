import { expect, test } from "vitest";
import { localText } from "@/exceptions/Way";
import { grouped, type Sum } from "./bill";
import { columnsOf } from "./TermsList";

const sum = (carrier: string, reason: string, state: string, over: number, currency = "EUR"): Sum => ({ carrier, reason, state, currency, charges: 1, over, credited: 0 });

test("sums are grouped in one currency, the most expensive first, by what became of them", () => {
  const sums = [sum("dhl", "weight", "open", 300), sum("post", "weight", "disputed", 900), sum("dhl", "zone", "disputed", 200), sum("dhl", "zone", "open", 50, "GBP")];
  expect(grouped(sums, "carrier", "EUR").map((r) => [r.name, r.over, r.parts])).toEqual([
    ["post", 900, { disputed: 900 }],
    ["dhl", 500, { open: 300, disputed: 200 }],
  ]);
  expect(grouped(sums, "reason", "GBP")).toEqual([{ name: "zone", over: 50, charges: 1, parts: { open: 50 } }]);
});

test("a carrier's columns are read one a line, and half of a pair is left out", () => {
  expect(columnsOf("tracking_number = Sendung\n\namount=Betrag, netto\nkind =")).toEqual({ tracking_number: "Sendung", amount: "Betrag, netto" });
});

test("an event is told on the carrier's own clock", () => {
  expect(localText("2020-03-02T11:00:00+01:00", "+01:00")).toBe("2 Mar 2020 11:00 +01:00");
  expect(localText("2020-03-02T10:00:00+00:00", "Europe/Berlin")).toMatch(/11:00/);
});
