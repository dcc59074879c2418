import Button from "@mui/material/Button";
import { Plus } from "lucide-react";
import { Link } from "react-router";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { useCan } from "@/parts/scopes";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { ruleSetHref, SIBLINGS } from "./carrier";
import { KINDS, type Rule, type RuleSet } from "./rules";

type Row = RuleSet & { id: string };

const said = (rules: Rule[]) => rules.filter((rule) => rule.active !== false).map((rule) => [KINDS[rule.kind].label, ...(rule.services ?? [])].join(" ")).join(", ");

const COLUMNS: Column<Row>[] = [
  { id: "number", label: "Version", sort: "number", align: "right", render: (r) => <span className="strong">{r.number}</span> },
  { id: "name", label: "Name", render: (r) => r.name },
  { id: "status", label: "State", sort: "status", render: (r) => <Chip state={r.status} /> },
  { id: "rules", label: "Says", grow: true, render: (r) => said(r.rules as Rule[]) || <span className="faint">nothing: by the policy</span> },
  { id: "activated_at", label: "Active since", render: (r) => (r.activated_at ? <When at={r.activated_at} /> : <span className="faint">never</span>) },
  { id: "created_at", label: "Begun", sort: "created_at", render: (r) => <When at={r.created_at} /> },
];

const FILTERS: Filter[] = [{ field: "status", label: "State", kind: "choice", choices: ["draft", "active", "retired", "dropped"] }];

const QUICK: QuickView[] = [
  { label: "In force", filters: { status_eq: "active" } },
  { label: "Drafts", filters: { status_eq: "draft" } },
];

export function RuleSetList() {
  const listing = useListing<Row>("carrier-rule-sets", { sort: "-number" });
  const may = useCan()("write_shipping");
  return (
    <ListPage
      title="Carrier rules"
      about="What is preferred, forbidden or required for which parcels. Every change is a version; a draft is tried on past parcels before it counts."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      siblings={SIBLINGS}
      href={(row) => ruleSetHref(row.id)}
      actions={may && <Button variant="contained" component={Link} to="/carriers/rules/new" startIcon={<Plus size={14} />}>New rules</Button>}
      empty={<Empty title="No rules yet">Carriers are chosen by the policies, or by price alone.</Empty>}
    />
  );
}
