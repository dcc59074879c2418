import { expect, test } from "vitest";
import { moved, namesOf, shownOf, toggled, usualOf } from "./columns";
import type { Column } from "./Table";

type Row = { number: string; total: number; tax: number };
const column = (id: Column<Row>["id"], extra = false): Column<Row> => ({ id, label: id, extra, render: () => null });
const all = [column("number"), column("total"), column("tax", true), column("verbs")];
const names = (chosen: string[]) => shownOf(all, chosen).map((one) => one.id);

test("without a choice the usual columns are shown", () => {
  expect(usualOf(all)).toEqual(["number", "total"]);
  expect(names([])).toEqual(["number", "total", "verbs"]);
});

test("what is chosen comes in its order, and the buttons of a row stay", () => {
  expect(names(["tax", "number"])).toEqual(["tax", "number", "verbs"]);
});

test("a column that is not there any more is passed over, and a list is never without any", () => {
  expect(names(["gone", "total"])).toEqual(["total", "verbs"]);
  expect(names(["gone"])).toEqual(["number", "total", "verbs"]);
});

test("a column moves by one place and not over the edge", () => {
  expect(moved(["a", "b", "c"], "c", -1)).toEqual(["a", "c", "b"]);
  expect(moved(["a", "b", "c"], "a", 1)).toEqual(["b", "a", "c"]);
  expect(moved(["a", "b", "c"], "a", -1)).toEqual(["a", "b", "c"]);
  expect(moved(["a", "b", "c"], "c", 1)).toEqual(["a", "b", "c"]);
});

test("a column is taken away or comes last, and one always stays", () => {
  expect(namesOf(all, ["tax", "number"])).toEqual(["tax", "number"]);
  expect(toggled(["a", "b"], "a")).toEqual(["b"]);
  expect(toggled(["b"], "a")).toEqual(["b", "a"]);
  expect(toggled(["b"], "b")).toEqual(["b"]);
});
