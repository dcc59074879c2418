import { Pencil, Trash2 } from "lucide-react";
import { Link } from "react-router";
import { Actions, type Verb, type VerbProps } from "@/parts/Actions";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { SearchField } from "@/parts/SearchField";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { NodeLink } from "@/stock/stock";
import { SupplierLink } from "@/suppliers/supplier";
import { placeHref, POLICIES, POLICY_FILTER, serviceText, SIBLINGS, type Policy, type Rule } from "./policies";
import { PutRule, RemoveRule, RuleButton } from "./PutRule";
import { StockBar } from "./StockBar";

type Row = Rule & { id: string };

const VERBS: Record<string, Verb<Row>> = {
  edit: { label: "Edit", icon: Pencil, scope: "write_purchasing", dialog: ({ record, close }: VerbProps<Row>) => <PutRule place={record} rule={record} close={close} /> },
  remove: { label: "Remove", icon: Trash2, scope: "write_purchasing", dialog: ({ record, close }: VerbProps<Row>) => <RemoveRule rule={record} close={close} /> },
};

/** What the rule says, with what the class would say crossed out. */
function Instead({ here, otherwise }: { here: string | null; otherwise: string | null }) {
  if (here === null) return <span className="faint">{otherwise ?? "as its class"}</span>;
  if (otherwise === null || otherwise === here) return <>{here}</>;
  return (
    <>
      {here} <s className="faint">{otherwise}</s>
    </>
  );
}

const service = (ppm: number | null) => (ppm === null ? null : serviceText(ppm));

const COLUMNS: Column<Row>[] = [
  { id: "sku", label: "SKU", sort: "sku", render: (r) => <span className="mono strong">{r.sku}</span> },
  { id: "node", label: "At", sort: "node", render: (r) => <NodeLink node={r.node} /> },
  { id: "class_code", label: "Class", render: (r) => (r.class_code ? <Link className="quiet" to="/replenishment/classes">{r.class_code}</Link> : <span className="faint">not planned yet</span>) },
  { id: "policy", label: "Policy", render: (r) => <span title={r.policy ? POLICIES[r.policy as Policy].said : undefined}><Instead here={r.policy} otherwise={r.class_policy} /></span> },
  { id: "service_ppm", label: "Service", align: "right", render: (r) => <Instead here={service(r.service_ppm)} otherwise={service(r.class_service_ppm)} /> },
  { id: "minimum", label: "Min", align: "right", render: (r) => r.minimum ?? <span className="faint">–</span> },
  { id: "maximum", label: "Max", align: "right", render: (r) => r.maximum ?? <span className="faint">–</span> },
  { id: "lot", label: "Quantity", align: "right", extra: true, render: (r) => r.lot },
  { id: "review_days", label: "Days", align: "right", extra: true, render: (r) => r.review_days },
  { id: "supplier", label: "Bought from", wide: true, render: (r) => (r.supplier ? <SupplierLink supplier={r.supplier} /> : <span className="faint">–</span>) },
  { id: "snoozed_until", label: "Not before", extra: true, render: (r) => r.snoozed_until },
  { id: "position", label: "Position to level", wide: true, render: (r) => r.position !== null && r.point !== null && r.up_to !== null && <StockBar plan={{ position: r.position, point: r.point, up_to: r.up_to }} /> },
  { id: "why", label: "Why", grow: true, render: (r) => <span className="quiet">{r.why}</span> },
  { id: "verbs", label: "", align: "right", render: (r) => <Actions record={r} next={["edit", "remove"]} verbs={VERBS} shown={0} /> },
];

const FILTERS: Filter[] = [
  { field: "node", label: "At", kind: "text", operator: "eq", hint: "Code of a node" },
  { field: "sku", label: "SKU", kind: "text", operator: "eq", hint: "exactly" },
  POLICY_FILTER,
  { field: "class_code", label: "Class", kind: "choice", choices: ["AX", "AY", "AZ", "BX", "BY", "BZ", "CX", "CY", "CZ"] },
  { field: "supplier", label: "Bought from", kind: "text", operator: "eq", hint: "Code of a supplier" },
  { field: "why", label: "Why", kind: "text" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "Min/max", filters: { policy_eq: "min/max" } },
  { label: "Never ordered", filters: { policy_eq: "none" } },
  { label: "Of A", filters: { class_code_start: "A" } },
];

export function RuleList() {
  const listing = useListing<Row>("replenishment-rules", { sort: "sku" });
  return (
    <ListPage
      title="Replenishment rules"
      about="SKUs that somebody keeps otherwise than their class at one node. What the class would say is crossed out."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      siblings={SIBLINGS}
      href={(r) => placeHref(r.node, r.sku)}
      actions={<RuleButton />}
      before={<SearchField field="sku_start" label="SKU begins with" />}
      empty={<Empty title="No rule fits">Every SKU is kept as its class says. Make a rule where you know better.</Empty>}
    />
  );
}
