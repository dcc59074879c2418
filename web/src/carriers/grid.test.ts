import { describe, expect, it } from "vitest";
import { bodyOf, EMPTY, gridOf, pasted, wrongIn, type CardRow } from "./grid";

const card = {
  currency: "EUR", transit_days: 2, dimensional_divisor: 5000, max_length_mm: null, max_length_and_girth_mm: null, max_value: 50_000, cut_off: "16:00:00",
  co2_grams_per_tkm: 90, co2_grams_per_parcel: null, takes_hazmat: false, takes_po_box: true,
  rates: [{ zone: "A", max_weight_grams: 5000, amount: 790 }, { zone: "A", max_weight_grams: 1000, amount: 390 }, { zone: "B", max_weight_grams: 1000, amount: 890 }],
  zones: [{ zone: "A", origin: "*", country: "DE", postcode_from: "", postcode_to: "" }, { zone: "B", origin: "LON", country: "FR", postcode_from: "75", postcode_to: "75" }],
  surcharges: [{ kind: "fuel", amount: 0, ppm: 125_000, on_surcharges: true, country: "*", postcode_from: "", postcode_to: "", over_length_mm: null, over_length_and_girth_mm: null, over_weight_grams: null, from_date: null, to_date: null }],
} as unknown as CardRow;

describe("a rate card as a grid", () => {
  it("has zones across and weights down, the lightest first", () => {
    const grid = gridOf(card);
    expect(grid.zones).toEqual(["A", "B"]);
    expect(grid.weights).toEqual(["1000", "5000"]);
    expect(grid.prices).toEqual([["3.90", "8.90"], ["7.90", ""]]);
    expect(wrongIn(grid)).toEqual([]);
  });

  it("is the same card again when nothing was changed", () => {
    const body = bodyOf(gridOf(card), null);
    expect(body.rates).toHaveLength(3);
    expect(body.rates).toEqual(expect.arrayContaining(card.rates as object[]));
    expect(body.zones).toEqual(card.zones);
    expect(body.surcharges).toEqual(card.surcharges);
    expect(body).toMatchObject({ max_value: 50_000, cut_off: "16:00", co2_grams_per_tkm: 90, takes_hazmat: false });
  });

  it("says what is wrong before it is sent", () => {
    const grid = { ...EMPTY, zones: ["Home", "Abroad"], prices: [["3,90", "x"], ["", ""]] };
    expect(wrongIn(grid)).toEqual(["Abroad up to 1000 g: x is no price in EUR.", "Say which places belong to Abroad."]);
  });

  it("takes cells that were copied from a sheet", () => {
    expect(pasted([["1", "2"], ["3", "4"]], 0, 1, "9\t8\r\n7\n")).toEqual([["1", "9"], ["3", "7"]]);
  });
});
