import { Pencil, Trash2 } from "lucide-react";
import { Link } from "react-router";
import { Actions, type Verb, type VerbProps } from "@/parts/Actions";
import type { Filter } from "@/parts/filters";
import { listHref } from "@/parts/links";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { NODE, NodeLink } from "@/stock/stock";
import { GOODS, ruleText, SIBLINGS, type PutawayRule } from "./putaway";
import { PutRule, RemoveRule, RuleButton } from "./PutRule";

type Row = PutawayRule & { id: string };

const VERBS: Record<string, Verb<Row>> = {
  edit: { label: "Edit", icon: Pencil, scope: "write_settings", dialog: ({ record, close }: VerbProps<Row>) => <PutRule rule={record} close={close} /> },
  remove: { label: "Remove", icon: Trash2, scope: "write_settings", dialog: ({ record, close }: VerbProps<Row>) => <RemoveRule rule={record} close={close} /> },
};

const COLUMNS: Column<Row>[] = [
  { id: "node", label: "At", sort: "node", render: (r) => <NodeLink node={r.node} /> },
  { id: "priority", label: "Order", sort: "priority", align: "right", render: (r) => r.priority },
  { id: "code", label: "Rule", sort: "code", render: (r) => <span className="mono strong">{r.code}</span> },
  { id: "goods", label: "What it says", grow: true, render: (r) => ruleText(r) },
  { id: "bins", label: "Bins", align: "right", render: (r) => (r.bins ? r.bins : <span className="minus">none is open</span>) },
  { id: "open_tasks", label: "Tasks go by it", align: "right", render: (r) => (r.open_tasks ? <Link className="link" to={listHref("list_putaway_tasks", { node_eq: r.node, status_in: ["ready", "started"] })}>{r.open_tasks}</Link> : <span className="faint">0</span>) },
  { id: "updated_at", label: "Changed", sort: "updated_at", render: (r) => <When at={r.updated_at} /> },
  { id: "verbs", label: "", align: "right", render: (r) => <Actions record={r} next={["edit", "remove"]} verbs={VERBS} shown={0} /> },
];

const FILTERS: Filter[] = [
  NODE,
  { field: "goods", label: "About", kind: "choice", choices: GOODS.map(({ value }) => value) },
  { field: "value", label: "Which", kind: "text" },
  { field: "zone", label: "Zone", kind: "text", operator: "eq" },
  { field: "bin", label: "Bin", kind: "text", operator: "eq" },
];

export function RuleList() {
  const listing = useListing<Row>("putaway-rules", { sort: "node,priority" });
  return (
    <ListPage
      title="Putaway rules"
      about="Where goods belong at a node, in the order in which the rules count: the lowest comes first. Without a rule goods go where the work is least."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      siblings={SIBLINGS}
      actions={<RuleButton />}
      empty={<Empty title="No rule fits">Goods go to their own SKU and lot first, then where putting away and picking cost the least work.</Empty>}
    />
  );
}
