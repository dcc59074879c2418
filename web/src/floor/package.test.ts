import { expect, test } from "vitest";
import { fromScanned, needsLot, toldOf, type Scanned } from "./dock";

const FOUND = {
  sku: null, title: "Package 340123450000000017", tracking: "none", line_no: null, quantity: 9, lot: null, expires_on: null, expired: false,
  sscc: "340123450000000017", scan: "sscc 340123450000000017", waiting: [],
  package: {
    sscc: "340123450000000017", notice_id: "n", notice: "AN100001", notice_status: "arrived", receipt: null,
    lines: [
      { line_no: 1, sku: "MUG", title: "Mug", quantity: 4, lot: "", expires_on: null },
      { line_no: 2, sku: "TEA", title: "Tea", quantity: 5, lot: "L7", expires_on: "2027-06-30" },
    ],
    elsewhere: [{ purchase_id: "q", number: "PO100002", units: 3 }],
  },
} as unknown as Scanned;

test("a scanned package is kept with what is in it, its notice and its own id", () => {
  expect(fromScanned(FOUND)).toMatchObject({
    code: null, quantity: 9, notice: "n", pallet: "sscc 340123450000000017", line_no: null,
    inside: [{ line_no: 1, quantity: 4, lot: "", expires_on: null }, { line_no: 2, quantity: 5, lot: "L7", expires_on: "2027-06-30" }],
  });
  expect(needsLot(FOUND)).toBe(false);
});

test("a scan of goods says nothing of a notice, so that the station's own stays", () => {
  const goods = fromScanned({ ...FOUND, package: null, sku: "MUG", line_no: 1, scan: null });
  expect(Object.keys(goods)).not.toContain("notice");
  expect(Object.keys(goods)).not.toContain("inside");
});

test("whoever scanned it is told what was booked and what of it is of another order", () => {
  if (!FOUND.package) throw new Error("no package");
  expect(toldOf(FOUND.package)).toBe("AN100001: 4 × Mug, 5 × Tea. 3 more are of PO100002: open it and scan the package again.");
});
