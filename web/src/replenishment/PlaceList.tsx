import type { Shape } from "@/api/client";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Money } from "@/parts/Money";
import { SearchField } from "@/parts/SearchField";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { NodeLink } from "@/stock/stock";
import { SupplierLink } from "@/suppliers/supplier";
import { placeHref, POLICY_FILTER, SIBLINGS } from "./policies";
import { StockBar } from "./StockBar";

type Row = Shape<"ReplenishmentPlan"> & { id: string };

const COLUMNS: Column<Row>[] = [
  { id: "sku", label: "SKU", sort: "sku", grow: true, render: (p) => <span className="mono strong">{p.sku}</span> },
  { id: "node", label: "At", sort: "node", render: (p) => <NodeLink node={p.node} /> },
  { id: "class_code", label: "Class", render: (p) => p.class_code },
  { id: "policy", label: "Policy", render: (p) => <>{p.policy} {p.ruled && <Chip state="rule" tone="info" />}</> },
  { id: "position", label: "Position", sort: "position", align: "right", render: (p) => p.position },
  { id: "point", label: "Order at", sort: "point", align: "right", render: (p) => p.point },
  { id: "up_to", label: "Position to level", wide: true, render: (p) => <StockBar plan={p} /> },
  { id: "suggested", label: "Wanted", align: "right", render: (p) => p.suggested || <span className="faint">0</span> },
  { id: "supplier", label: "From", wide: true, render: (p) => (p.supplier ? <SupplierLink supplier={p.supplier} /> : <span className="minus">nobody sells it</span>) },
  { id: "at_risk", label: "At risk", sort: "at_risk", align: "right", render: (p) => p.currency && <Money amount={p.at_risk} currency={p.currency} /> },
  { id: "pattern", label: "Demand", extra: true, render: (p) => p.pattern },
  { id: "lead_days", label: "Lead time, days", extra: true, align: "right", render: (p) => p.lead_days },
];

const FILTERS: Filter[] = [
  { field: "node", label: "At", kind: "text", operator: "eq", hint: "Code of a node" },
  { field: "sku", label: "SKU", kind: "text", operator: "eq", hint: "exactly" },
  { field: "class_code", label: "Class", kind: "choice", choices: ["AX", "AY", "AZ", "BX", "BY", "BZ", "CX", "CY", "CZ"] },
  POLICY_FILTER,
  { field: "pattern", label: "Demand", kind: "choice", choices: ["none", "smooth", "erratic", "intermittent", "lumpy"] },
  { field: "supplier", label: "From", kind: "text", operator: "eq", hint: "Code of a supplier" },
  { field: "ruled", label: "Has a rule", kind: "yes" },
  { field: "suggested", label: "Wanted", kind: "number" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "Wanted", filters: { suggested_gt: "0" } },
  { label: "With a rule", filters: { ruled_eq: "true" } },
  { label: "Nobody sells it", filters: { supplier_null: "true" } },
];

export function PlaceList() {
  const listing = useListing<Row>("replenishment-plans", { sort: "sku" });
  return (
    <ListPage
      title="Every place"
      about="The last plan of every SKU at every node, whether or not anything is missing."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      siblings={SIBLINGS}
      href={(p) => placeHref(p.node, p.sku)}
      before={<SearchField field="sku_start" label="SKU begins with" />}
      empty={<Empty title="No place fits">Take a filter away; or no plan was made yet.</Empty>}
    />
  );
}
