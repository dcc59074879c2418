import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { MemoryRouter, useLocation } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import type { Listing } from "./listing";
import { Table, type Column } from "./Table";

type Row = { id: string; name: string };
const rows: Row[] = ["a", "b", "c"].map((id) => ({ id, name: `Row ${id}` }));
const drawn = vi.fn();
const columns: Column<Row>[] = [
  {
    id: "name",
    label: "Name",
    sort: "name",
    render: (row) => {
      drawn(row.id);
      return row.name;
    },
  },
];

function listing(changes: Partial<Listing<Row>> = {}): Listing<Row> {
  return {
    resource: "orders", columns: [], setColumns: vi.fn(), view: null, rows, total: 3, page: 1, pages: 1, perPage: 50, sort: "-name", filters: {}, fixed: {}, selected: new Set(),
    query: "", isPending: false, isFetching: false, error: null, setFilters: vi.fn(), replaceFilters: vi.fn(), setSort: vi.fn(), show: vi.fn(), usual: "-id",
    setPage: vi.fn(), toggle: vi.fn(), select: vi.fn(), refetch: vi.fn(), ...changes,
  };
}

const Where = () => <output>{useLocation().pathname}</output>;

function show(list: Listing<Row>) {
  Element.prototype.scrollIntoView = vi.fn();
  render(
    <MemoryRouter>
      <Table listing={list} columns={columns} href={(row) => `/things/${row.id}`} selectable empty={<p>Nothing</p>} />
      <Where />
      <input aria-label="a field" />
    </MemoryRouter>,
  );
}

const press = (key: string, target: Element = document.body) => fireEvent.keyDown(target, { key });
const marked = () => [...document.querySelectorAll("tr[data-marked]")].map((tr) => tr.textContent);

afterEach(cleanup);

test("j and k move, Enter opens", () => {
  show(listing());
  press("j");
  press("j");
  expect(marked()).toEqual(["Row b"]);
  press("k");
  expect(marked()).toEqual(["Row a"]);
  press("Enter");
  expect(screen.getByRole("status").textContent).toBe("/things/a");
});

test("after a button was pressed, moving takes Enter from it", () => {
  show(listing());
  const button = document.body.appendChild(document.createElement("button"));
  button.focus();
  press("j", button);
  press("Enter", document.activeElement ?? document.body);
  expect(screen.getByRole("status").textContent).toBe("/things/a");
  button.remove();
});

test("moving draws the rows that changed and no others", () => {
  show(listing());
  press("j");
  drawn.mockClear();
  press("j");
  expect(drawn.mock.calls.map(([id]) => id as string)).toEqual(["a", "b"]);
});

test("x selects the marked row, and nothing while no row is marked", () => {
  const list = listing();
  show(list);
  press("x");
  expect(list.toggle).not.toHaveBeenCalled();
  press("j");
  press("x");
  expect(list.toggle).toHaveBeenCalledExactlyOnceWith("a");
});

test("letters typed into a field are the field's", () => {
  show(listing());
  press("j", screen.getByLabelText("a field"));
  expect(marked()).toEqual([]);
});

test("a heading sorts, the same heading the other way", () => {
  const list = listing();
  show(list);
  fireEvent.click(screen.getByRole("button", { name: "Name" }));
  expect(list.setSort).toHaveBeenCalledWith("name");
  expect(screen.getByRole("columnheader", { name: "Name" }).getAttribute("aria-sort")).toBe("descending");
});

test("an empty list says so", () => {
  show(listing({ rows: [], total: 0 }));
  expect(screen.getByText("Nothing")).toBeDefined();
});
