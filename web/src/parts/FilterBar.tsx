import Button from "@mui/material/Button";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import Popover from "@mui/material/Popover";
import { ListFilter, X } from "lucide-react";
import { useRef, useState, type ReactNode } from "react";
import { FilterEditor } from "./FilterEditor";
import { sentence, splitName, type Filter } from "./filters";
import { useListingContext } from "./listing";
import { useKeys } from "./keys";

/** The filters that are on, each removable and editable, and a menu of those that could be. */
export function FilterBar({ offered, children, after }: { offered: Filter[]; children?: ReactNode; after?: ReactNode }) {
  const { filters, setFilters, replaceFilters } = useListingContext();
  const button = useRef<HTMLButtonElement>(null);
  const [choosing, setChoosing] = useState(false);
  const [editing, setEditing] = useState<{ filter: Filter; anchor: HTMLElement } | null>(null);
  useKeys({ f: () => setChoosing(true) });
  const on = Object.entries(filters);
  const edit = (name: string, anchor: HTMLElement) => {
    const filter = offered.find((f) => f.field === splitName(name).field);
    if (filter) setEditing({ filter, anchor });
  };
  return (
    <div className="filter-bar">
      {children}
      <Button
        ref={button}
        onClick={() => setChoosing(true)}
        startIcon={<ListFilter size={14} />}
        aria-haspopup="menu"
        title="Filter (f)"
      >
        Filter
      </Button>
      {on.map(([name, value]) => (
        <span key={name} className="filter">
          <button type="button" onClick={(event) => edit(name, event.currentTarget)}>
            {sentence(name, value, offered)}
          </button>
          <button type="button" aria-label={`Remove: ${sentence(name, value, offered)}`} onClick={() => setFilters({ [name]: null })}>
            <X size={13} aria-hidden />
          </button>
        </span>
      ))}
      {on.length > 1 && (
        <Button variant="text" onClick={() => replaceFilters({})}>
          Clear all
        </Button>
      )}
      {after && <span className="filter-end">{after}</span>}
      <Menu open={choosing} onClose={() => setChoosing(false)} anchorEl={button.current}>
        {offered.map((filter) => (
          <MenuItem
            key={filter.field}
            onClick={() => {
              setChoosing(false);
              if (button.current) setEditing({ filter, anchor: button.current });
            }}
          >
            {filter.label}
          </MenuItem>
        ))}
      </Menu>
      <Popover
        open={editing !== null}
        anchorEl={editing?.anchor}
        onClose={() => setEditing(null)}
        anchorOrigin={{ vertical: "bottom", horizontal: "left" }}
        slotProps={{ paper: { className: "popover" } }}
      >
        {editing && (
          <FilterEditor
            filter={editing.filter}
            filters={filters}
            apply={(changes) => {
              setFilters(changes);
              setEditing(null);
            }}
          />
        )}
      </Popover>
    </div>
  );
}
