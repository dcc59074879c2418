import Button from "@mui/material/Button";
import Checkbox from "@mui/material/Checkbox";
import IconButton from "@mui/material/IconButton";
import Popover from "@mui/material/Popover";
import { ArrowDown, ArrowUp, Columns3 } from "lucide-react";
import { useState } from "react";
import { choosable, moved, namesOf, toggled, usualOf } from "./columns";
import type { Listing } from "./listing";
import type { Column } from "./Table";

/** Which columns a list shows, and in what order. The choice is in the address, and a view keeps it. */
export function ColumnChooser({ listing, columns }: { listing: Pick<Listing, "columns" | "setColumns">; columns: Column<never>[] }) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const usual = usualOf(columns);
  const offered = choosable(columns);
  const shown = namesOf(columns, listing.columns);
  const isUsual = shown.join() === usual.join();
  const edit = (edited: (names: string[]) => string[]) =>
    listing.setColumns((before) => {
      const names = edited(namesOf(columns, before));
      return names.join() === usual.join() ? [] : names;
    });
  const ordered = [...shown, ...offered.map((column) => column.id).filter((id) => !shown.includes(id))];
  return (
    <>
      <Button
        className="column-button"
        startIcon={<Columns3 size={14} />}
        aria-haspopup="dialog"
        data-on={!isUsual || undefined}
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        Columns
      </Button>
      <Popover
        open={anchor !== null}
        anchorEl={anchor}
        onClose={() => setAnchor(null)}
        anchorOrigin={{ vertical: "bottom", horizontal: "right" }}
        transformOrigin={{ vertical: "top", horizontal: "right" }}
        slotProps={{ paper: { className: "popover", role: "dialog", "aria-label": "Columns" } }}
      >
        <ul className="column-list">
          {ordered.map((id) => {
            const label = offered.find((column) => column.id === id)?.label ?? id;
            const at = shown.indexOf(id);
            const on = at >= 0;
            return (
              <li key={id}>
                <label>
                  <Checkbox
                    checked={on}
                    disabled={on && shown.length === 1}
                    onChange={() => edit((names) => toggled(names, id))}
                  />
                  {label}
                </label>
                {on && (
                  <>
                    <IconButton aria-label={`Move ${label} to the left`} disabled={at === 0} onClick={() => edit((names) => moved(names, id, -1))}>
                      <ArrowUp size={13} />
                    </IconButton>
                    <IconButton aria-label={`Move ${label} to the right`} disabled={at === shown.length - 1} onClick={() => edit((names) => moved(names, id, 1))}>
                      <ArrowDown size={13} />
                    </IconButton>
                  </>
                )}
              </li>
            );
          })}
        </ul>
        <div className="column-foot">
          <Button variant="text" disabled={isUsual} onClick={() => listing.setColumns(() => [])}>
            Usual columns
          </Button>
        </div>
      </Popover>
    </>
  );
}
