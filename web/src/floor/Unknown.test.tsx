import { expect, test, vi } from "vitest";
import type { Receiving } from "./dock";
import { isUnitsNumber, unknownChoices } from "./Unknown";

type Line = Receiving["lines"][number];
const line = (sku: string, short: number, barcode: string | null = null) => ({ sku, title: sku.toLowerCase(), short, barcode }) as Line;
const CODE = "5901234123457";

const answers = (mayGive: boolean) => ({
  isLine: vi.fn(), givesBarcode: mayGive ? vi.fn() : null, search: vi.fn(), back: vi.fn(), backLabel: "back",
});

test("a unit's number is none of a case, and no code of our own", () => {
  expect([CODE, "96385074", "036000291452", `0${CODE}`].map(isUnitsNumber)).toEqual([true, true, true, true]);
  expect([`1${CODE}`, "MUG-1", "123"].map(isUnitsNumber)).toEqual([false, false, false]);
});

test("lines of which most is to come are offered first, those that have come not", () => {
  const said = unknownChoices([line("DONE", 0), line("FEW", 1), line("MANY", 9)], CODE, answers(false)).map((c) => c.said);
  expect(said).toEqual(["it is many (MANY)", "it is few (FEW)", "something that was not ordered: look for it"]);
  expect(unknownChoices([line("DONE", 0)], CODE, answers(false)).map((c) => c.said)[0]).toBe("it is done (DONE)");
});

test("who may edit products gives the line's product the barcode, and is told which one it replaces", () => {
  const a = answers(true);
  const [first, second] = unknownChoices([line("MUG", 2, "111"), line("CUP", 1)], CODE, a);
  expect(first?.said).toBe("it is mug (MUG), and this is its barcode from now on instead of 111");
  expect(second?.said).toBe("it is cup (CUP), and this is its barcode from now on");
  second?.act();
  expect(a.givesBarcode).toHaveBeenCalledWith(expect.objectContaining({ sku: "CUP" }), CODE);
  expect(a.isLine).not.toHaveBeenCalled();
});

test("the number of a case is given to nobody, and booked as what the person says", () => {
  const a = answers(true);
  const [first] = unknownChoices([line("MUG", 2)], `1${CODE}`, a);
  expect(first?.said).toBe("it is mug (MUG)");
  first?.act();
  expect(a.isLine).toHaveBeenCalled();
  expect(a.givesBarcode).not.toHaveBeenCalled();
});
