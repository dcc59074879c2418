import Checkbox from "@mui/material/Checkbox";
import { ArrowDown, ArrowUp } from "lucide-react";
import type { RaRecord } from "ra-core";
import { memo, useCallback, useEffect, useRef, useState, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { useKeys } from "./keys";
import type { Listing } from "./listing";
import { rememberWalk } from "./walk";

export type Column<Row> = {
  /** The API's name of it, under which views keep it; `verbs` are the buttons of a row and stand in every one. */
  id: (keyof Row & string) | "verbs";
  label: string;
  render: (row: Row) => ReactNode;
  /** The API's name of the column, where it can be sorted by. */
  sort?: string;
  align?: "right";
  /** A narrow screen does without it. */
  wide?: boolean;
  /** Offered, and shown only to who chooses it. */
  extra?: boolean;
  /** Takes the room that is left, and is cut where it ends. */
  grow?: boolean;
};

export function classesOf({ align, wide, grow }: Pick<Column<never>, "align" | "wide" | "grow">): string {
  return [align === "right" && "number", wide && "wide", grow && "grow"].filter(Boolean).join(" ");
}

type Props<Row extends RaRecord> = {
  listing: Listing<Row>;
  columns: Column<Row>[];
  /** Where a row opens; without it rows only show. */
  href?: (row: Row) => string;
  selectable?: boolean;
  empty: ReactNode;
};

/** Whoever moves through the rows has done with the button that was pressed before: Enter is now the row's. */
function leaveButton(): void {
  const has = document.activeElement;
  if (has instanceof HTMLElement && has.closest("a,button")) has.blur();
}

/**
 * The rows of a list. `j` and `k` move, Enter opens, `x` selects. A row is drawn again only when it changed or
 * was marked, so that a key press costs two rows and not fifty.
 */
export function Table<Row extends RaRecord>({ listing, columns, href, selectable, empty }: Props<Row>) {
  const { rows, selected, select, toggle } = listing;
  const [marked, setMarked] = useState(-1);
  const body = useRef<HTMLTableSectionElement>(null);
  const navigate = useNavigate();

  const open = useCallback(
    (row: Row, aside = false) => {
      if (!href) return;
      rememberWalk(listing);
      if (aside) window.open(href(row), "_blank", "noopener");
      else void navigate(href(row));
    },
    [href, listing, navigate],
  );
  const opening = useRef(open);
  useEffect(() => {
    opening.current = open;
  }, [open]);
  const openRow = useCallback((row: Row, aside: boolean) => opening.current(row, aside), []);

  const move = (step: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, marked + step));
    setMarked(next);
    leaveButton();
    body.current?.rows[next]?.scrollIntoView({ block: "nearest" });
  };
  const current = rows[marked];
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => current && open(current),
    o: () => current && open(current),
    x: () => selectable && current && toggle(String(current.id)),
    Escape: () => (selected.size > 0 ? select([]) : setMarked(-1)),
    "]": () => listing.page < listing.pages && listing.setPage(listing.page + 1),
    "[": () => listing.page > 1 && listing.setPage(listing.page - 1),
  });
  useEffect(() => setMarked((was) => Math.min(was, rows.length - 1)), [rows.length]);

  if (rows.length === 0 && !listing.isPending) return <div className="table-empty">{empty}</div>;
  const all = rows.length > 0 && rows.every((row) => selected.has(String(row.id)));
  return (
    <div className="table-scroll" data-busy={listing.isFetching || undefined} tabIndex={-1}>
      <table className="table">
        <thead>
          <tr>
            {selectable && (
              <th className="pick">
                <Checkbox
                  checked={all}
                  indeterminate={!all && selected.size > 0}
                  onChange={() => select(all ? [] : rows.map((row) => String(row.id)))}
                  slotProps={{ input: { "aria-label": "Select this page" } }}
                />
              </th>
            )}
            {columns.map((column) => (
              <Heading key={column.id} column={column} listing={listing} />
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {listing.isPending
            ? Array.from({ length: 12 }, (_, i) => <BoneRow key={i} cells={columns.length + (selectable ? 1 : 0)} />)
            : rows.map((row, index) => (
                <TableRow
                  key={row.id}
                  row={row}
                  columns={columns as Column<RaRecord>[]}
                  href={href?.(row)}
                  marked={index === marked}
                  selected={selectable ? selected.has(String(row.id)) : undefined}
                  toggle={toggle}
                  open={openRow as (row: RaRecord, aside: boolean) => void}
                />
              ))}
        </tbody>
      </table>
    </div>
  );
}

function Heading<Row extends RaRecord>({ column, listing }: { column: Column<Row>; listing: Listing<Row> }) {
  const { sort } = column;
  const classes = classesOf(column);
  if (!sort) return <th className={classes}>{column.label}</th>;
  const on = listing.sort.replace(/^-/, "") === sort;
  const down = listing.sort.startsWith("-");
  const Arrow = down ? ArrowDown : ArrowUp;
  return (
    <th className={classes} aria-sort={on ? (down ? "descending" : "ascending") : undefined}>
      <button type="button" className="sorter" onClick={() => listing.setSort(on && down ? sort : `-${sort}`)}>
        {column.label}
        {on && <Arrow size={12} aria-hidden />}
      </button>
    </th>
  );
}

type RowProps = {
  row: RaRecord;
  columns: Column<RaRecord>[];
  href: string | undefined;
  marked: boolean;
  selected: boolean | undefined;
  toggle: (id: string) => void;
  open: (row: RaRecord, aside: boolean) => void;
};

const TableRow = memo(function TableRow({ row, columns, href, marked, selected, toggle, open }: RowProps) {
  const id = String(row.id);
  return (
    <tr
      data-marked={marked ? true : undefined}
      data-selected={selected ? true : undefined}
      data-opens={href ? true : undefined}
      onClick={(event) => {
        if (!href || (event.target as HTMLElement).closest("a,button,input,label")) return;
        if (!window.getSelection()?.toString()) open(row, event.metaKey || event.ctrlKey);
      }}
    >
      {selected !== undefined && (
        <td className="pick">
          <Checkbox checked={selected} onChange={() => toggle(id)} slotProps={{ input: { "aria-label": "Select this row" } }} />
        </td>
      )}
      {columns.map((column, at) => {
        const shown = column.render(row);
        return (
          <td key={column.id} className={classesOf(column)}>
            {at === 0 && href ? (
              <a
                href={href}
                className="row-link"
                onClick={(event) => {
                  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
                  event.preventDefault();
                  open(row, false);
                }}
              >
                {shown}
              </a>
            ) : (
              shown
            )}
          </td>
        );
      })}
    </tr>
  );
});

function BoneRow({ cells }: { cells: number }) {
  return (
    <tr aria-hidden>
      {Array.from({ length: cells }, (_, i) => (
        <td key={i}>
          <span className="bone" data-width={i % 3} />
        </td>
      ))}
    </tr>
  );
}
