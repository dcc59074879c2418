import { useGetList, type RaRecord } from "ra-core";
import { createContext, useCallback, useContext, useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { filterQuery } from "@/api/data";
import type { ResourceName } from "@/api/resources";

/** What the address of a list may say beside filters. */
const PAGING = ["sort", "page", "limit", "columns", "view"];
const PER_PAGE = 50;

export type Listing<Row extends RaRecord = RaRecord> = {
  resource: ResourceName;
  rows: Row[];
  total: number | undefined;
  page: number;
  pages: number;
  perPage: number;
  sort: string;
  /** The columns that were chosen, in their order; none: the usual ones. */
  columns: string[];
  /** Is given the columns chosen so far, the latest ones, which a screen may not show yet. */
  setColumns: (edit: (before: string[]) => string[]) => void;
  filters: Record<string, string>;
  /** Filters that are always on and not in the address. */
  fixed: Record<string, string>;
  /** Null takes a filter away. Goes back to the first page. */
  setFilters: (changes: Record<string, string | null>) => void;
  /** Takes all filters away and sets these. */
  replaceFilters: (filters: Record<string, string>) => void;
  /** The saved view that one came from, whatever was changed since. */
  view: string | null;
  /** These filters and this sort, or the usual one, and these columns, or those that are shown; nothing else stays. */
  show: (filters: Record<string, string>, sort: string | null, columns?: string[], view?: string) => void;
  /** The sort without a word in the address. */
  usual: string;
  setSort: (sort: string) => void;
  setPage: (page: number) => void;
  selected: ReadonlySet<string>;
  toggle: (id: string) => void;
  select: (ids: Iterable<string>) => void;
  /** Filters and sort as the API's query, such as `status_eq=held&sort=-created_at`. */
  query: string;
  isPending: boolean;
  isFetching: boolean;
  error: unknown;
  refetch: () => unknown;
};

type Options = { sort: string; fixed?: Record<string, string>; expand?: string };

/** The filters of an address: everything in it that is not about paging. */
export function filtersOf(params: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...params].filter(([name]) => !PAGING.includes(name)));
}

function whole(text: string | null, fallback: number): number {
  const found = Number(text);
  return Number.isInteger(found) && found > 0 ? found : fallback;
}

const columnsOf = (said: string | null): string[] => (said ?? "").split(",").filter(Boolean);

function putColumns(address: URLSearchParams, columns: string[]): void {
  if (columns.length > 0) address.set("columns", columns.join(","));
  else address.delete("columns");
}

const NONE: Record<string, string> = {};

/**
 * A list whose filters, sort and page are the address, in the words of the API: `/orders?status_eq=held&page=2`.
 * So every list can be linked to, kept, sent to a colleague, and gone back to.
 */
export function useListing<Row extends RaRecord>(resource: ResourceName, options: Options): Listing<Row> {
  const { sort: usual, fixed = NONE, expand } = options;
  const [params, setParams] = useSearchParams();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const address = params.toString();

  const filters = useMemo(() => filtersOf(new URLSearchParams(address)), [address]);
  const sort = params.get("sort") ?? usual;
  const page = whole(params.get("page"), 1);
  const chosen = params.get("columns");
  const columns = useMemo(() => columnsOf(chosen), [chosen]);
  const perPage = Math.min(200, whole(params.get("limit"), PER_PAGE));

  const asked = useGetList<Row>(
    resource,
    {
      pagination: { page, perPage },
      sort: { field: sort.replace(/^-/, ""), order: sort.startsWith("-") ? "DESC" : "ASC" },
      filter: { ...filters, ...fixed },
      meta: { expand },
    },
    { placeholderData: (before) => before },
  );

  // From where the browser is, not from `params`: the screen follows in a transition, and the second of two quick
  // changes would be made to the address from before the first, and undo it.
  const change = useCallback(
    (edit: (next: URLSearchParams) => void, keepPage = false, isStep = keepPage) => {
      const next = new URLSearchParams(window.location.search);
      if (!keepPage) next.delete("page");
      edit(next);
      setParams(next, { replace: !isStep });
    },
    [setParams],
  );

  const actions = useMemo(
    () => ({
      setFilters: (changes: Record<string, string | null>) => {
        setSelected(new Set());
        change((next) => {
          for (const [name, value] of Object.entries(changes)) {
            if (value === null || value === "") next.delete(name);
            else next.set(name, value);
          }
        });
      },
      replaceFilters: (wanted: Record<string, string>) => {
        setSelected(new Set());
        change((next) => {
          for (const name of [...next.keys()]) if (!["sort", "columns", "limit", "view"].includes(name)) next.delete(name);
          for (const [name, value] of Object.entries(wanted)) next.set(name, value);
        });
      },
      show: (wanted: Record<string, string>, by: string | null, shown?: string[], view?: string) => {
        setSelected(new Set());
        change((next) => {
          for (const name of [...next.keys()]) if (name !== "limit" && name !== "columns") next.delete(name);
          for (const [name, value] of Object.entries(wanted)) next.set(name, value);
          if (by) next.set("sort", by);
          if (shown) putColumns(next, shown);
          if (view) next.set("view", view);
        });
      },
      setColumns: (edit: (before: string[]) => string[]) => change((next) => putColumns(next, edit(columnsOf(next.get("columns")))), true, false),
      setSort: (wanted: string) => change((next) => next.set("sort", wanted)),
      setPage: (wanted: number) => change((next) => next.set("page", String(wanted)), true),
      toggle: (id: string) =>
        setSelected((before) => {
          const next = new Set(before);
          if (!next.delete(id)) next.add(id);
          return next;
        }),
      select: (ids: Iterable<string>) => setSelected(new Set(ids)),
    }),
    [change],
  );

  const query = useMemo(() => {
    const said = new URLSearchParams(filterQuery({ ...filters, ...fixed }) as Record<string, string>);
    said.set("sort", sort);
    return said.toString();
  }, [filters, fixed, sort]);

  const total = asked.total;
  return {
    resource,
    rows: asked.data ?? [],
    total,
    page,
    pages: Math.max(1, Math.ceil((total ?? 0) / perPage)),
    perPage,
    sort,
    columns,
    view: params.get("view"),
    usual,
    filters,
    fixed,
    ...actions,
    selected,
    query,
    isPending: asked.isPending,
    isFetching: asked.isFetching,
    error: asked.error,
    refetch: asked.refetch,
  };
}

const Context = createContext<Listing | null>(null);
export const ListingProvider = Context.Provider;

/** The list one is inside of: for bulk actions, saved views and whatever else stands around the rows. */
export function useListingContext(): Listing {
  const found = useContext(Context);
  if (!found) throw new Error("useListingContext is for what stands inside a <ListPage>");
  return found;
}
