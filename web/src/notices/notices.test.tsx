import { cleanup, render, screen, within } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, expect, test } from "vitest";
import { noticeOf, startsWith, type LiveNotice } from "@/floor/dock";
import type { Purchase } from "@/purchases/PurchaseList";
import { emptyPackage, noticeBody, noticeValues, ssccs } from "./form";
import type { WholeNotice } from "./notice";
import { contentsText, Lines, titleOf } from "./NoticeDetail";

const PURCHASE = {
  id: "p", supplier: "HANSA", node: "LON",
  lines: [
    { line_no: 1, sku: "MUG", ordered: 12, received: 3, closed_short: 1, announced: 2 },
    { line_no: 2, sku: "PLATE", ordered: 4, received: 0, closed_short: 0, announced: 4 },
  ],
} as unknown as Purchase;
const NOTICE = {
  id: "n", units: 12, received: 11, short: 3, over: 2,
  lines: [
    { no: 1, purchase_id: "p", purchase: "PO100001", sku: "MUG", units: 8, received: 10, short: 0, over: 2, beyond: 1, lot: "A7", expiry: "06/2027" },
    { no: 2, purchase_id: "q", purchase: "PO100002", sku: "PLATE", units: 4, received: 1, short: 3, over: 0, beyond: 0, lot: "", expiry: "" },
  ],
} as unknown as WholeNotice;

afterEach(cleanup);

test("a notice starts from what is to come and was not announced, and lines without units are left out", () => {
  const values = noticeValues(PURCHASE);
  expect(values.lines).toEqual({ l1: { units: "6", lot: "", expiry: "" }, l2: { units: "0", lot: "", expiry: "" } });
  const typed = { ...values, reference: " ASN-7 ", day: "2026-03-02", carrier: " ", packages: "340123450000000017\n" };
  expect(noticeBody(typed, PURCHASE)).toEqual({
    supplier: "HANSA", node: "LON", reference: "ASN-7", said_at: "2026-03-02T12:00:00Z", carrier: null, tracking: null, note: null,
    packages: [{ sscc: "340123450000000017", contents: [] }],
    lines: [{ purchase_id: "p", line_no: 1, units: 6, lot: "", expiry: "" }],
  });
});

test("what is in a package is said of the notice's own lines, which leave out what is not announced", () => {
  const values = noticeValues(PURCHASE);
  values.lines.l1 = { units: "0", lot: "", expiry: "" };
  values.lines.l2 = { units: "4", lot: "", expiry: "" };
  const packed = [{ sscc: "(00) 340123450000000017", inside: { l1: "6", l2: "4" } }, { sscc: " ", inside: { l1: "", l2: "1" } }];
  expect(noticeBody({ ...values, packed, packages: "340123450000000024" }, PURCHASE).packages).toEqual([
    { sscc: "340123450000000017", contents: [{ line: 1, units: 4 }] },
    { sscc: "340123450000000024", contents: [] },
  ]);
  expect(emptyPackage(PURCHASE)).toEqual({ sscc: "", inside: { l1: "", l2: "" } });
});

test("packages may be typed as they are printed, and what is no number is left for the server to refuse", () => {
  expect(ssccs("(00) 3 4012345 000000001 7\n\n00340123450000000024\nPALLET 2")).toEqual(["340123450000000017", "340123450000000024", "PALLET2"]);
});

test("each line says what was announced and what came, with the server's sums below", () => {
  render(<MemoryRouter><Lines of={NOTICE} /></MemoryRouter>);
  const [, mug, plate, foot] = screen.getAllByRole("row").map((row) => within(row).getAllByRole(row.closest("thead") ? "columnheader" : "cell").map((cell) => cell.textContent));
  expect(mug).toEqual(["MUG1 more than the order expected", "PO100001", "A7, 06/2027", "8", "10", "0", "2"]);
  expect(plate).toEqual(["PLATE", "PO100002", "–", "4", "1", "3", "0"]);
  expect(foot).toEqual(["In all", "", "", "12", "11", "3", "2"]);
  expect(screen.getByRole("link", { name: "PO100002" }).getAttribute("href")).toBe("/purchases/q");
  expect(contentsText([{ line: 2, units: 4 }, { line: 9, units: 1 }], NOTICE.lines)).toBe("4 PLATE, 1 of line 9");
});

test("another date is told apart from a move", () => {
  expect(titleOf({ from_status: null, to_status: "announced" })).toBe("Announced");
  expect(titleOf({ from_status: "announced", to_status: "in_transit" })).toBe("Announced → in transit");
  expect(titleOf({ from_status: "in_transit", to_status: "in_transit" })).toBe("Another date");
});

test("the only notice is the one that goods come on, until somebody says otherwise", () => {
  const [one, two] = ["AN1", "AN2"].map((number) => ({ id: number, number }) as LiveNotice) as [LiveNotice, LiveNotice];
  expect(noticeOf([], undefined)).toBeNull();
  expect(noticeOf([one], undefined)).toBe(one);
  expect(noticeOf([one, two], undefined)).toBeNull();
  expect(noticeOf([one], null)).toBeNull();
  expect(noticeOf([two], one)).toBe(one);
});

test("a station that was asked for a notice starts with it, or with none at all when that one is over", () => {
  const [one, two] = ["AN1", "AN2"].map((number) => ({ id: number, number }) as LiveNotice) as [LiveNotice, LiveNotice];
  expect(noticeOf([one, two], startsWith([one, two], "AN2"))).toBe(two);
  expect(noticeOf([one], startsWith([one], "AN2"))).toBeNull();
  expect(noticeOf([one], startsWith([one], null))).toBe(one);
});
