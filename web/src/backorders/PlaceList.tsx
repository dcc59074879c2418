import type { Shape } from "@/api/client";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { SearchField } from "@/parts/SearchField";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { NODE, NodeLink, SKU } from "@/stock/stock";
import { Day, queueHref, SIBLINGS } from "./backorder";

type Place = Shape<"BackorderPlace"> & { id: string };

const COLUMNS: Column<Place>[] = [
  { id: "sku", label: "SKU", sort: "sku", render: (p) => <span className="mono">{p.sku}</span> },
  { id: "title", label: "Goods", grow: true, render: (p) => p.title },
  { id: "node", label: "Node", sort: "node", render: (p) => <NodeLink node={p.node} /> },
  { id: "units", label: "Units", sort: "units", align: "right", render: (p) => <span className="strong">{p.units}</span> },
  { id: "orders", label: "Orders", sort: "orders", align: "right", render: (p) => p.orders },
  { id: "waits_since", label: "Waits since", sort: "waits_since", render: (p) => <When at={p.waits_since} /> },
  { id: "first_promised_on", label: "Next leaves", render: (p) => <Day on={p.first_promised_on} /> },
  { id: "undated", label: "No day", align: "right", render: (p) => (p.undated ? <span className="minus">{p.undated}</span> : <span className="faint">0</span>) },
  { id: "late", label: "Late", sort: "late", align: "right", render: (p) => (p.late ? <span className="minus">{p.late}</span> : <span className="faint">0</span>) },
];

const FILTERS: Filter[] = [
  SKU,
  NODE,
  { field: "units", label: "Units", kind: "number" },
  { field: "late", label: "Late promises", kind: "number" },
  { field: "waits_since", label: "Waits since", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "With late promises", filters: { late_gt: "0" } },
  { label: "Nothing on its way", filters: { undated_gt: "0" } },
];

/** SKU by SKU and node by node: how many wait, and for how long. */
export function PlaceList() {
  const listing = useListing<Place>("backorders", { sort: "waits_since" });
  return (
    <ListPage
      title="Backorders"
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      siblings={SIBLINGS}
      href={(p) => queueHref(p.sku, p.node)}
      before={<SearchField field="sku_start" label="SKU begins with" />}
      empty={<Empty title="Nobody waits for stock" />}
    />
  );
}
