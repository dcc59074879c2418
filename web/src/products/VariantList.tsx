import type { Shape } from "@/api/client";
import { Chip, words } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Money } from "@/parts/Money";
import { SearchField } from "@/parts/SearchField";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { productHref, SIBLINGS, STATUSES } from "./product";

type Row = Shape<"Variant"> & { id: string };

const COLUMNS: Column<Row>[] = [
  { id: "sku", label: "SKU", sort: "sku", render: (v) => <span className="mono">{v.sku}</span> },
  { id: "title", label: "Title", sort: "title", grow: true, render: (v) => v.title },
  { id: "status", label: "Status", render: (v) => <Chip state={v.status} /> },
  { id: "components", label: "Kit of", wide: true, render: (v) => (v.components.length > 0 ? <span className="quiet">{v.components.map((c) => `${c.quantity} × ${c.sku}`).join(", ")}</span> : null) },
  { id: "tracking", label: "Tracking", wide: true, render: (v) => (v.tracking === "none" ? null : words(v.tracking)) },
  { id: "barcode", label: "Barcode", wide: true, render: (v) => <span className="mono quiet">{v.barcode}</span> },
  { id: "weight_grams", label: "Grams", align: "right", extra: true, render: (v) => v.weight_grams?.toLocaleString("en-GB") },
  { id: "landed_cost", label: "Landed", align: "right", extra: true, render: (v) => v.landed_cost !== null && v.landed_currency && <Money amount={v.landed_cost} currency={v.landed_currency} /> },
  { id: "cost_amount", label: "Cost", align: "right", extra: true, render: (v) => v.cost_amount !== null && v.cost_currency && <Money amount={v.cost_amount} currency={v.cost_currency} /> },
  { id: "prices", label: "Prices", align: "right", render: (v) => <span className="prices">{v.prices.map((p) => <Money key={p.currency} amount={p.amount} currency={p.currency} />)}</span> },
];

const FILTERS: Filter[] = [
  { field: "status", label: "Status", kind: "choice", choices: STATUSES },
  { field: "tracking", label: "Tracking", kind: "choice", choices: ["none", "lot", "serial"] },
  { field: "title", label: "Title", kind: "text" },
  { field: "barcode", label: "Barcode", kind: "text", operator: "eq", hint: "scan it" },
  { field: "category", label: "Category", kind: "text" },
  { field: "hazmat", label: "Dangerous goods", kind: "yes" },
];

export function VariantList() {
  const listing = useListing<Row>("variants", { sort: "sku", expand: "prices,components" });
  return (
    <ListPage
      title="SKUs"
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      siblings={SIBLINGS}
      href={(variant) => productHref(variant.product_id)}
      before={<SearchField field="sku_start" label="SKU begins with" />}
      empty={<Empty title="No SKU fits" />}
    />
  );
}
