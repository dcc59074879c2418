import IconButton from "@mui/material/IconButton";
import { ChevronLeft, ChevronRight } from "lucide-react";
import type { RaRecord } from "ra-core";
import { useMemo, type ReactNode } from "react";
import { exportOf } from "@/api/resources";
import { ColumnChooser } from "./ColumnChooser";
import { shownOf } from "./columns";
import { ExportLink } from "./ExportLink";
import { FilterBar } from "./FilterBar";
import type { Filter } from "./filters";
import { ListingProvider, type Listing } from "./listing";
import { Page } from "./Page";
import { Siblings } from "./Siblings";
import { ProblemNote } from "./states";
import { Table, type Column } from "./Table";
import { ViewTabs } from "@/views/ViewTabs";

/** A set of filters under a name, shown as a tab above the list. */
export type QuickView = { label: string; filters: Record<string, string> };

type Props<Row extends RaRecord> = {
  title: string;
  about?: ReactNode;
  crumbs?: { label: string; to: string }[];
  listing: Listing<Row>;
  columns: Column<Row>[];
  filters: Filter[];
  quick?: QuickView[];
  href?: (row: Row) => string;
  /** Lists of the same noun, as tabs of links above the filters. */
  siblings?: { label: string; to: string }[];
  actions?: ReactNode;
  /** Stands between filters and rows while rows are selected. */
  bulk?: ReactNode;
  /** Stands before the filters: a search field, perhaps. */
  before?: ReactNode;
  empty: ReactNode;
  /** Dialogs that the rows open. */
  children?: ReactNode;
};

/** A list screen: tabs, filters, rows, pages. Everything it shows is in its address. */
export function ListPage<Row extends RaRecord>(props: Props<Row>) {
  const { title, about, crumbs, listing, columns, filters, quick = [], href, siblings, actions, bulk, before, empty, children } = props;
  const shared = listing as unknown as Listing;
  const shown = useMemo(() => shownOf(columns, listing.columns), [columns, listing.columns]);
  return (
    <ListingProvider value={shared}>
      <Page
        fill
        title={title}
        about={about}
        crumbs={crumbs}
        actions={
          <>
            <ExportButton listing={shared} />
            {actions}
          </>
        }
      >
        <div className="list">
          {siblings && <Siblings of={siblings} title={title} />}
          <ViewTabs quick={quick} listing={shared} />
          <FilterBar offered={filters} after={<ColumnChooser listing={shared} columns={columns} />}>
            {before}
          </FilterBar>
          {bulk && listing.selected.size > 0 && <div className="bulk-bar">{bulk}</div>}
          {listing.error ? (
            <div className="list-problem">
              <ProblemNote problem={listing.error} retry={() => void listing.refetch()} />
            </div>
          ) : (
            <Table listing={listing} columns={shown} href={href} selectable={Boolean(bulk)} empty={empty} />
          )}
          <Pager listing={shared} />
        </div>
        {children}
      </Page>
    </ListingProvider>
  );
}

/** The current filter as CSV. */
function ExportButton({ listing }: { listing: Listing }) {
  const file = exportOf(listing.resource);
  if (!file) return null;
  const query = new URLSearchParams(listing.query);
  query.delete("sort");
  return <ExportLink file={file} query={query.toString()} />;
}

function Pager({ listing }: { listing: Listing }) {
  const { page, pages, perPage, total, rows, selected } = listing;
  if (total === undefined) return <footer className="pager" />;
  const first = (page - 1) * perPage + 1;
  return (
    <footer className="pager">
      <span className="quiet">
        {total === 0 ? "Nothing" : `${first.toLocaleString("en-GB")}–${(first + rows.length - 1).toLocaleString("en-GB")} of ${total.toLocaleString("en-GB")}`}
        {selected.size > 0 && ` · ${selected.size} selected`}
      </span>
      <span className="hints" aria-hidden>
        <kbd>j</kbd> <kbd>k</kbd> move <kbd>↵</kbd> open <kbd>f</kbd> filter
      </span>
      <span className="row">
        <IconButton aria-label="Previous page" title="[" disabled={page <= 1} onClick={() => listing.setPage(page - 1)}>
          <ChevronLeft size={16} />
        </IconButton>
        <span className="quiet nowrap">
          Page {page} of {pages.toLocaleString("en-GB")}
        </span>
        <IconButton aria-label="Next page" title="]" disabled={page >= pages} onClick={() => listing.setPage(page + 1)}>
          <ChevronRight size={16} />
        </IconButton>
      </span>
    </footer>
  );
}
