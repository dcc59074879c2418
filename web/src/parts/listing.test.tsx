import { act, cleanup, render, screen } from "@testing-library/react";
import { BrowserRouter } from "react-router";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useListing, type Listing } from "./listing";

vi.mock("ra-core", () => ({ useGetList: () => ({ data: [], total: 0 }) }));

let listing: Listing;

function List() {
  listing = useListing("orders", { sort: "-id" });
  return <output>{[listing.columns.join("+"), ...Object.entries(listing.filters).map(([name, value]) => `${name}=${value}`)].join(" ")}</output>;
}

beforeEach(() => {
  window.history.replaceState(null, "", "/orders?columns=number,total");
  render(<List />, { wrapper: BrowserRouter });
});
afterEach(cleanup);

test("of two changes before the screen follows, both are made", () => {
  act(() => {
    listing.setColumns((before) => [...before, "tax"]);
    listing.setColumns((before) => before.filter((name) => name !== "number"));
    listing.setFilters({ status_eq: "held" });
    listing.setFilters({ channel_eq: "web" });
  });
  expect(screen.getByRole("status").textContent).toBe("total+tax status_eq=held channel_eq=web");
});

test("a filter goes back to the first page, and columns stay on theirs", () => {
  act(() => listing.setPage(3));
  act(() => listing.setColumns(() => ["tax"]));
  expect(listing.page).toBe(3);
  act(() => listing.setFilters({ status_eq: "held" }));
  expect(listing.page).toBe(1);
});

test("the columns are the same ones while only something else of the address changes, so that no row is drawn for it", () => {
  const before = listing.columns;
  act(() => listing.setPage(2));
  expect(listing.columns).toBe(before);
});
