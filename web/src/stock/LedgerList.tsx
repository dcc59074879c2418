import type { Shape } from "@/api/client";
import { Chip, words } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { actorText } from "@/parts/History";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { SearchField } from "@/parts/SearchField";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { Cause, Change, NODE, NodeLink, SIBLINGS, SKU, SkuLink, STATUSES } from "./stock";

export type Movement = Shape<"StockMovement">;

export const MOVEMENT_COLUMNS: Column<Movement>[] = [
  { id: "at", label: "When", sort: "at", render: (m) => <When at={m.at} /> },
  { id: "kind", label: "Movement", render: (m) => <span className="strong">{words(m.kind)}</span> },
  { id: "node", label: "Node", render: (m) => <NodeLink node={m.node} /> },
  { id: "bin", label: "Bin", wide: true, render: (m) => <span className="quiet">{[m.bin, m.lot].filter(Boolean).join(" · ")}</span> },
  { id: "status", label: "Status", wide: true, render: (m) => <Chip state={m.status} /> },
  { id: "why", label: "Why", grow: true, render: (m) => m.why ?? <span className="faint">–</span> },
  { id: "cause", label: "Because of", render: (m) => <Cause cause={m.cause} /> },
  { id: "actor", label: "By", wide: true, render: (m) => <span className="faint">{actorText(m.actor)}</span> },
  { id: "on_hand", label: "On hand", align: "right", render: (m) => <Change units={m.on_hand} /> },
  { id: "allocated", label: "Allocated", align: "right", render: (m) => <Change units={m.allocated} /> },
];

const COLUMNS: Column<Movement>[] = [
  ...MOVEMENT_COLUMNS.slice(0, 2),
  { id: "sku", label: "SKU", render: (m) => <SkuLink sku={m.sku} /> },
  ...MOVEMENT_COLUMNS.slice(2),
];

const KINDS = [
  "received", "returned", "adjusted", "counted", "moved", "shipped", "transferred_out", "transferred_in", "allocated", "released",
] as const;

const FILTERS: Filter[] = [
  SKU,
  NODE,
  { field: "kind", label: "Movement", kind: "choice", choices: KINDS },
  { field: "at", label: "When", kind: "date" },
  { field: "bin", label: "Bin", kind: "text", operator: "eq", hint: "exactly" },
  { field: "lot", label: "Lot", kind: "text", operator: "eq", hint: "exactly" },
  { field: "status", label: "Status", kind: "choice", choices: STATUSES },
  { field: "cause", label: "Because of", kind: "text", operator: "eq", hint: "order:ID" },
  { field: "why", label: "Why", kind: "text" },
];

export function LedgerList() {
  const listing = useListing<Movement>("ledger", { sort: "-id" });
  return (
    <ListPage
      title="Stock ledger"
      about="Every movement and promise there ever was. Rows are never changed; a mistake is put right by another row."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      siblings={SIBLINGS}
      before={<SearchField field="sku_start" label="SKU begins with" />}
      empty={<Empty title="No movement fits" />}
    />
  );
}
