import Button from "@mui/material/Button";
import { Pencil, Plus } from "lucide-react";
import { useNotify } from "ra-core";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Actions, type Verb, type VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { TextIn } from "@/parts/fields";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { decimal, minorUnits, Money } from "@/parts/Money";
import { useCan } from "@/parts/scopes";
import { useSeen } from "@/parts/seen";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";

type Row = Shape<"RefundLimit"> & { id: string };
type Values = { role: string; currency: string; amount: string };
type Input = { role: string; currency: string; body: Shape<"RefundLimitBody"> };

const VERBS: Record<string, Verb<Row>> = {
  edit: { label: "Edit", icon: Pencil, scope: "write_settings", dialog: ({ record, close }: VerbProps<Row>) => <PutLimit limit={record} close={close} /> },
};

const COLUMNS: Column<Row>[] = [
  { id: "role", label: "Role", sort: "role", grow: true, render: (l) => <span className="strong">{l.role}</span> },
  { id: "currency", label: "In", sort: "currency", render: (l) => l.currency },
  { id: "amount", label: "Goodwill on one order", sort: "amount", align: "right", render: (l) => <Money amount={l.amount} currency={l.currency} /> },
  { id: "updated_at", label: "Changed", render: (l) => <When at={l.updated_at} /> },
  { id: "verbs", label: "", align: "right", render: (l) => <Actions record={l} next={["edit"]} verbs={VERBS} shown={0} /> },
];

export function LimitList() {
  const can = useCan();
  const [isOpen, setOpen] = useState(false);
  const listing = useListing<Row>("refund-limits", { sort: "role" });
  return (
    <>
      <ListPage
        title="Goodwill limits"
        about="How much goodwill a role may give on one order before somebody else has to. A role without a limit has none."
        listing={listing}
        columns={COLUMNS}
        filters={[]}
        actions={
          can("write_settings") && (
            <Button variant="contained" color="primary" startIcon={<Plus size={14} />} onClick={() => setOpen(true)}>
              New limit
            </Button>
          )
        }
        empty={<Empty title="There is no limit">Whoever may refund may give any goodwill.</Empty>}
      />
      {isOpen && <PutLimit close={() => setOpen(false)} />}
    </>
  );
}

function PutLimit({ limit, close }: { limit?: Row; close: () => void }) {
  const notify = useNotify();
  const seen = useSeen(limit?.version ?? 0);
  const put = useWrite(
    ({ role, currency, body }: Input, once) =>
      answer(api.PUT("/api/v1/refund-limits/{role}/{currency}", { params: { path: { role, currency } }, body, ...once })),
    { touches: ["refund-limits"], done: () => notify("The limit is set.") },
  );
  return (
    <Ask<Values, Input>
      title={limit ? `Limit of ${limit.role} in ${limit.currency}` : "New goodwill limit"}
      about="All goodwill of one order counts, whoever gave it. An empty amount takes the limit away."
      verb="Save"
      values={{ role: limit?.role ?? "", currency: limit?.currency ?? "EUR", amount: limit ? decimal(limit.amount, limit.currency) : "" }}
      input={({ role, currency, amount }) => {
        const code = currency.trim().toUpperCase();
        const minor = amount.trim() ? minorUnits(amount, code) : null;
        if (amount.trim() && minor === null) return null;
        return { role: role.trim(), currency: code, body: { amount: minor, version: limit ? seen.version : null } };
      }}
      write={put}
      close={close}
      seen={limit ? seen : undefined}
      what="limit"
    >
      <TextIn name="role" label="Role" required disabled={limit !== undefined} autoFocus />
      <TextIn name="currency" label="Currency" required disabled={limit !== undefined} />
      <TextIn name="amount" label="Amount" />
    </Ask>
  );
}
