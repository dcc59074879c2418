import { Link } from "react-router";
import type { Shape } from "@/api/client";
import { Chip } from "@/parts/Chip";
import { Count } from "@/parts/Count";
import type { Filter } from "@/parts/filters";
import { listHref } from "@/parts/links";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { SearchField } from "@/parts/SearchField";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { AdjustButton } from "./AdjustStock";
import { NODE, NodeLink, SIBLINGS, SKU, SkuLink, STATUSES } from "./stock";

export type BinStock = Shape<"BinStock">;
type Row = BinStock & { id: string };

const COLUMNS: Column<Row>[] = [
  { id: "sku", label: "SKU", sort: "sku", render: (b) => <SkuLink sku={b.sku} /> },
  { id: "node", label: "Node", sort: "node", render: (b) => <NodeLink node={b.node} /> },
  { id: "bin", label: "Bin", sort: "bin", render: (b) => <span className="mono">{b.bin}</span> },
  { id: "lot", label: "Lot", render: (b) => (b.lot ? <Link className="link" to={listHref("list_lots", { sku_eq: b.sku, code_eq: b.lot })}>{b.lot}</Link> : <span className="faint">–</span>) },
  { id: "status", label: "Status", grow: true, render: (b) => <Chip state={b.status} /> },
  {
    id: "quantity", label: "Units", sort: "quantity", align: "right",
    render: (b) => (
      <Count
        value={b.quantity}
        label="units: ledger"
        to={listHref("list_movements", { sku_eq: b.sku, node_eq: b.node, bin_eq: b.bin, lot_eq: b.lot || undefined, status_eq: b.status as "sellable" })}
      />
    ),
  },
  { id: "verbs", label: "", align: "right", render: (b) => <AdjustButton stock={b} /> },
];

const FILTERS: Filter[] = [
  SKU,
  NODE,
  { field: "bin", label: "Bin", kind: "text", operator: "eq", hint: "exactly" },
  { field: "lot", label: "Lot", kind: "text", operator: "eq", hint: "exactly" },
  { field: "status", label: "Status", kind: "choice", choices: STATUSES },
  { field: "quantity", label: "Units", kind: "number" },
];

export function BinStockList() {
  const listing = useListing<Row>("bin-stock", { sort: "sku" });
  return (
    <ListPage
      title="Stock in bins"
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      siblings={SIBLINGS}
      before={<SearchField field="sku_start" label="SKU begins with" />}
      empty={<Empty title="Nothing lies there" />}
    />
  );
}
