import Button from "@mui/material/Button";
import { X } from "lucide-react";
import { useState } from "react";
import { useListingContext } from "@/parts/listing";
import { useCan } from "@/parts/scopes";
import { ACTIONS, type Noun } from "./actions";
import { BulkDialog } from "./BulkDialog";

const SCOPES: Record<Noun, string> = { orders: "write_orders", products: "write_catalog" };

/** What stands above selected rows: how many, all in the filter, and what may be done to them. */
export function BulkBar({ noun }: { noun: Noun }) {
  const { selected, select, rows, total = 0, filters, fixed } = useListingContext();
  const can = useCan();
  const [isAll, setAll] = useState(false);
  const [open, setOpen] = useState<string | null>(null);
  const pageIsSelected = rows.length > 0 && rows.every((row) => selected.has(String(row.id)));
  const all = isAll && pageIsSelected;
  const count = all ? total : selected.size;
  const action = ACTIONS[noun].find((a) => a.id === open);
  return (
    <>
      <span className="strong" role="status">
        {count.toLocaleString("en-GB")} selected
      </span>
      {pageIsSelected && total > selected.size && (
        <Button variant="text" onClick={() => setAll(!all)} aria-pressed={all}>
          {all ? "Only this page" : `Select all ${total.toLocaleString("en-GB")} in this filter`}
        </Button>
      )}
      <span className="bulk-actions">
        {can(SCOPES[noun]) &&
          ACTIONS[noun].map(({ id, label }) => (
            <Button key={id} onClick={() => setOpen(id)}>
              {label}
            </Button>
          ))}
        <Button variant="text" aria-label="Clear the selection" title="Esc" onClick={() => select([])}>
          <X size={15} />
        </Button>
      </span>
      {action && (
        <BulkDialog
          noun={noun}
          action={action}
          chosen={all ? { filters: { ...filters, ...fixed } } : { ids: [...selected] }}
          count={count}
          close={() => setOpen(null)}
          done={() => select([])}
        />
      )}
    </>
  );
}
