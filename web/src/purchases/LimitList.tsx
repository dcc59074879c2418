import { Pencil, Trash2 } from "lucide-react";
import { Link } from "react-router";
import { Actions, type Verb, type VerbProps } from "@/parts/Actions";
import type { Filter } from "@/parts/filters";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Money } from "@/parts/Money";
import { useCan } from "@/parts/scopes";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { SIBLINGS } from "./PurchaseList";
import { LimitButton, PutLimit, RemoveLimit, type Limit } from "./PutLimit";

type Row = Limit & { id: string };

const VERBS: Record<string, Verb<Row>> = {
  edit: { label: "Edit", icon: Pencil, scope: "write_settings", dialog: ({ record, close }: VerbProps<Row>) => <PutLimit limit={record} close={close} /> },
  remove: { label: "Remove", icon: Trash2, scope: "write_settings", dialog: ({ record, close }: VerbProps<Row>) => <RemoveLimit limit={record} close={close} /> },
};

const COLUMNS: Column<Row>[] = [
  { id: "role", label: "Role", sort: "role", grow: true, render: (l) => <span className="strong">{l.role}</span> },
  { id: "currency", label: "In", sort: "currency", render: (l) => l.currency },
  { id: "amount", label: "Approves up to", sort: "amount", align: "right", render: (l) => <Money amount={l.amount} currency={l.currency} /> },
  { id: "updated_at", label: "Changed", render: (l) => <Changed limit={l} /> },
  { id: "verbs", label: "", align: "right", render: (l) => <Actions record={l} next={["edit", "remove"]} verbs={VERBS} shown={0} /> },
];

/** When, and for those who may read it, the entries of the log that say by whom and from what. */
function Changed({ limit: l }: { limit: Limit }) {
  const when = <When at={l.updated_at} />;
  if (!useCan()("read_audit")) return when;
  return <>{when} <Link className="link" to={`/audit?record_eq=${encodeURIComponent(`approval_limit:${l.role}/${l.currency}`)}`}>Who changed it</Link></>;
}

const FILTERS: Filter[] = [
  { field: "role", label: "Role", kind: "text", operator: "eq", hint: "Name of a role" },
  { field: "currency", label: "In", kind: "text", operator: "eq", hint: "Code such as EUR" },
];

export function LimitList() {
  const listing = useListing<Row>("approval-limits", { sort: "role" });
  return (
    <ListPage
      title="Approval limits"
      about="Up to which total a role may approve purchase orders in a currency. Without a limit it approves nothing; the administrator needs none."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      siblings={SIBLINGS}
      actions={<LimitButton />}
      empty={<Empty title="No limit fits">Only the administrator approves orders here. Add a limit for whoever else should.</Empty>}
    />
  );
}
