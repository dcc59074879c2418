import { expect, test } from "vitest";
import { decimal, minorUnits, moneyText } from "./Money";

test("minor units are written exactly, with the currency's own decimals", () => {
  expect(decimal(5, "EUR")).toBe("0.05");
  expect(decimal(-1234, "EUR")).toBe("-12.34");
  expect(decimal(1234, "JPY")).toBe("1234");
  expect(decimal(1234, "KWD")).toBe("1.234");
  expect(decimal(9_007_199_254_740_991, "EUR")).toBe("90071992547409.91");
});

test("the books' decimals are taken where shops print fewer", () => {
  expect(decimal(1234, "IQD")).toBe("1.234");
  expect(decimal(1234, "RSD")).toBe("12.34");
});

test("a typed amount becomes minor units, and what is none becomes null", () => {
  expect(minorUnits("12.5", "EUR")).toBe(1250);
  expect(minorUnits(" 12,05 ", "EUR")).toBe(1205);
  expect(minorUnits("0.1", "KWD")).toBe(100);
  expect(minorUnits("7", "JPY")).toBe(7);
  for (const wrong of ["", "12.345", "1.2.3", "-4", "1e3", "twelve", "1,234.00"]) expect(minorUnits(wrong, "EUR")).toBeNull();
  expect(minorUnits("7.5", "JPY")).toBeNull();
});

test("an amount is never shown without its currency", () => {
  expect(moneyText(123_456_789, "EUR")).toBe("1,234,567.89 EUR");
  expect(moneyText(-5, "EUR")).toBe("−0.05 EUR");
});
