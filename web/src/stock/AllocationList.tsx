import { Link } from "react-router";
import type { Shape } from "@/api/client";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { SearchField } from "@/parts/SearchField";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { NODE, NodeLink, SIBLINGS, SKU, SkuLink } from "./stock";

type Allocation = Shape<"Allocation">;

const COLUMNS: Column<Allocation>[] = [
  { id: "created_at", label: "Promised", sort: "created_at", render: (a) => <When at={a.created_at} /> },
  { id: "order_number", label: "Order", render: (a) => <span className="nowrap"><Link className="link strong" to={`/orders/${a.order_id}`}>{a.order_number}</Link><span className="unit">line {a.line_no}</span></span> },
  { id: "sku", label: "SKU", sort: "sku", render: (a) => <SkuLink sku={a.sku} /> },
  { id: "node", label: "Node", sort: "node", render: (a) => <NodeLink node={a.node} /> },
  { id: "state", label: "State", render: (a) => <Chip state={a.state} /> },
  { id: "why", label: "Why there", grow: true, render: (a) => <span className="quiet">{a.why}</span> },
  { id: "quantity", label: "Units", align: "right", render: (a) => <span className="strong">{a.quantity}</span> },
];

const FILTERS: Filter[] = [
  { field: "order_number", label: "Order", kind: "text", operator: "start" },
  SKU,
  NODE,
  { field: "state", label: "State", kind: "choice", choices: ["allocated", "backordered", "picked", "shipped", "released"] },
  { field: "created_at", label: "Promised", kind: "date" },
];

export function AllocationList() {
  const listing = useListing<Allocation>("allocations", { sort: "-created_at" });
  return (
    <ListPage
      title="Promised to orders"
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      siblings={SIBLINGS}
      before={<SearchField field="sku_start" label="SKU begins with" />}
      empty={<Empty title="Nothing is promised" />}
    />
  );
}
