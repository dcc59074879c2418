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
import { channelWords, KINDS, ruleSetHref, type Rule, type RuleSet } from "./rules";

type Row = RuleSet & { id: string };

const said = (rules: Rule[]) => rules.filter((rule) => rule.active !== false).map((rule) => KINDS[rule.kind].label).join(", ");

const COLUMNS: Column<Row>[] = [
  { id: "number", label: "Version", sort: "number", align: "right", render: (r) => <span className="strong">{r.number}</span> },
  { id: "name", label: "Name", render: (r) => r.name },
  { id: "status", label: "State", sort: "status", render: (r) => <Chip state={r.status} /> },
  { id: "channel", label: "For", sort: "channel", render: (r) => channelWords(r.channel) },
  { id: "rules", label: "Asks", grow: true, render: (r) => said(r.rules as Rule[]) || <span className="faint">nothing: by rank</span> },
  { id: "activated_at", label: "Active since", render: (r) => (r.activated_at ? <When at={r.activated_at} /> : <span className="faint">never</span>) },
  { id: "created_at", label: "Begun", sort: "created_at", render: (r) => <When at={r.created_at} /> },
];

const FILTERS: Filter[] = [
  { field: "status", label: "State", kind: "choice", choices: ["draft", "active", "retired", "dropped"] },
  { field: "channel", label: "Channel", kind: "choice", choices: ["web", "marketplace", "store"] },
];

const QUICK: QuickView[] = [
  { label: "In force", filters: { status_eq: "active" } },
  { label: "Drafts", filters: { status_eq: "draft" } },
];

export function RuleSetList() {
  const listing = useListing<Row>("routing-rule-sets", { sort: "-number" });
  const may = useCan()("write_settings");
  return (
    <ListPage
      title="Routing rules"
      about="Which node ships an order. Every change is a version; a draft can be tried on past orders before it counts."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      href={(row) => ruleSetHref(row.id)}
      actions={
        <>
          <Button component={Link} to="/routing/plans">Plan open orders</Button>
          {may && (
            <Button variant="contained" component={Link} to="/routing/new" startIcon={<Plus size={14} />}>
              New rules
            </Button>
          )}
        </>
      }
      empty={<Empty title="No rules yet">Orders go to one node that has everything, by its rank; else they are split over as few as possible.</Empty>}
    />
  );
}
