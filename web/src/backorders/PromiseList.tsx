import { Link } from "react-router";
import { Actions, type Verb } from "@/parts/Actions";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { NODE, SKU, SkuLink } from "@/stock/stock";
import { Day, PromisedDay, SIBLINGS, type LatePromise } from "./backorder";
import { CancelUnits, SplitOrder, WaitOn } from "./Late";

type Row = LatePromise & { id: string };

const VERBS: Record<string, Verb<LatePromise>> = {
  wait: { label: "They wait", scope: "write_stock", dialog: WaitOn },
  split: { label: "Send the rest", scope: "write_orders", dialog: SplitOrder },
  cancel: { label: "Cancel these", scope: "write_orders", tone: "error", dialog: CancelUnits },
};

const COLUMNS: Column<Row>[] = [
  { id: "order_number", label: "Order", render: (p) => <Link className="link strong nowrap" to={`/orders/${p.order_id}`}>{p.order_number}</Link> },
  { id: "sku", label: "SKU", sort: "sku", render: (p) => <span className="nowrap"><SkuLink sku={p.sku} /><span className="unit">{p.node}</span></span> },
  { id: "units", label: "Units", align: "right", render: (p) => p.units },
  { id: "first_on", label: "First said", render: (p) => <Day on={p.first_on} /> },
  { id: "promised_on", label: "Now", sort: "promised_on", render: (p) => <PromisedDay of={p} /> },
  { id: "days_late", label: "Later by", sort: "days_late", align: "right", render: (p) => (p.days_late ? `${p.days_late} d` : <span className="faint">–</span>) },
  { id: "why", label: "What it rests on", grow: true, render: (p) => <span className="quiet">{p.why}</span> },
  { id: "verbs", label: "", align: "right", render: (p) => <Actions<LatePromise> record={p} next={p.next} verbs={VERBS} shown={1} /> },
];

const FILTERS: Filter[] = [
  { field: "order_number", label: "Order", kind: "text", operator: "start" },
  SKU,
  NODE,
  { field: "days_late", label: "Days later", kind: "number" },
];

const QUICK: QuickView[] = [
  { label: "Late", filters: { is_late_eq: "true" } },
  { label: "All that wait", filters: { waits_eq: "true" } },
  { label: "Ended", filters: { waits_eq: "false" } },
  { label: "All", filters: {} },
];

/** What those who wait were told, and what is to be decided where it slipped. */
export function PromiseList() {
  const listing = useListing<Row>("backorder-promises", { sort: "promised_on" });
  return (
    <ListPage
      title="Promised days"
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      siblings={SIBLINGS}
      empty={<Empty title="No promise fits" />}
    />
  );
}
