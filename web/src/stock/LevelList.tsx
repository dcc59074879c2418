import type { Shape } from "@/api/client";
import { Count } from "@/parts/Count";
import type { Filter } from "@/parts/filters";
import { listHref } from "@/parts/links";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { SearchField } from "@/parts/SearchField";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { ReceiveButton } from "./ReceiveStock";
import { NODE, NodeLink, SIBLINGS, SKU, skuHref } from "./stock";

export type Level = Shape<"StockLevel">;
type Row = Level & { id: string };

/** The numbers of a level, each opening what it is made of. */
export const LEVEL_COLUMNS: Column<Level>[] = [
  {
    id: "on_hand", label: "On hand", sort: "on_hand", align: "right",
    render: (l) => <Count value={l.on_hand} label="on hand: ledger" to={listHref("list_movements", { sku_eq: l.sku, node_eq: l.node })} />,
  },
  {
    id: "sellable", label: "Sellable", sort: "sellable", align: "right",
    render: (l) => <Count value={l.sellable} label="sellable: bins" to={listHref("list_bin_stock", { sku_eq: l.sku, node_eq: l.node, status_eq: "sellable" })} />,
  },
  {
    id: "allocated", label: "Allocated", align: "right",
    render: (l) => <Count value={l.allocated} label="allocated: orders" to={listHref("list_allocations", { sku_eq: l.sku, node_eq: l.node, state_in: ["allocated", "picked"] })} />,
  },
  {
    id: "held", label: "Held", align: "right", wide: true,
    render: (l) => <Count value={l.held} label="held: checkouts" to={listHref("list_stock_holds", { sku_eq: l.sku, node_eq: l.node, state_eq: "live" })} />,
  },
  {
    id: "backordered", label: "Backordered", sort: "backordered", align: "right",
    render: (l) => <Count value={l.backordered} label="backordered: orders" to={listHref("list_allocations", { sku_eq: l.sku, node_eq: l.node, state_eq: "backordered" })} />,
  },
  { id: "purchasable", label: "Purchasable", sort: "purchasable", align: "right", render: (l) => <span className="strong">{l.purchasable.toLocaleString("en-GB")}</span> },
];

const COLUMNS: Column<Row>[] = [
  { id: "sku", label: "SKU", sort: "sku", render: (l) => <span className="mono">{l.sku}</span> },
  { id: "node", label: "Node", sort: "node", grow: true, render: (l) => <NodeLink node={l.node} /> },
  ...LEVEL_COLUMNS,
  { id: "updated_at", label: "Moved", sort: "updated_at", wide: true, align: "right", render: (l) => <When at={l.updated_at} /> },
];

const FILTERS: Filter[] = [
  SKU,
  NODE,
  { field: "on_hand", label: "On hand", kind: "number" },
  { field: "sellable", label: "Sellable", kind: "number" },
  { field: "purchasable", label: "Purchasable", kind: "number" },
  { field: "backordered", label: "Backordered", kind: "number" },
  { field: "updated_at", label: "Moved", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "Sold out", filters: { purchasable_lteq: "0" } },
  { label: "Orders waiting", filters: { backordered_gt: "0" } },
];

export function LevelList() {
  const listing = useListing<Row>("stock", { sort: "sku" });
  return (
    <ListPage
      title="Stock"
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      siblings={SIBLINGS}
      quick={QUICK}
      href={(level) => skuHref(level.sku)}
      actions={<ReceiveButton />}
      before={<SearchField field="sku_start" label="SKU begins with" />}
      empty={<Empty title="No stock fits">Take a filter away, or receive what has come in.</Empty>}
    />
  );
}
