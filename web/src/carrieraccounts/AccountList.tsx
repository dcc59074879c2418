import Button from "@mui/material/Button";
import { Plus, Ship } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { useCan } from "@/parts/scopes";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { Ago } from "@/parts/When";
import { accountHref, type Account } from "./account";
import { PutAccount } from "./PutAccount";

type Row = Account & { id: string };

const some = (names: string[], all: string) => (names.length > 0 ? names.join(", ") : <span className="faint">{all}</span>);

const COLUMNS: Column<Row>[] = [
  { id: "name", label: "Account", sort: "name", render: (a) => <span className="strong">{a.name}</span> },
  { id: "provider", label: "Provider", render: (a) => a.provider },
  { id: "mode", label: "For", render: (a) => <Chip state={a.mode} tone={a.mode === "live" ? "ok" : "mute"} /> },
  { id: "services", label: "Services", grow: true, render: (a) => some(a.services, "all") },
  { id: "nodes", label: "Used at", render: (a) => some(a.nodes, "every node") },
  { id: "health", label: "State", render: (a) => <Health account={a} /> },
  { id: "answered_at", label: "Last answered", align: "right", render: (a) => <Ago at={a.answered_at} /> },
];

/** Whether it is asked, and whether it answers. */
export function Health({ account }: { account: Pick<Account, "enabled" | "failures" | "rests_until" | "answered_at"> }) {
  if (!account.enabled) return <Chip state="disabled" tone="mute" />;
  if (account.rests_until) return <Chip state="resting" tone="bad" label={`Rests after ${account.failures} failures`} />;
  if (account.failures) return <Chip state="failing" tone="warn" label={`Failing, ${account.failures} in a row`} />;
  return account.answered_at ? <Chip state="works" tone="ok" /> : <Chip state="not_asked" tone="mute" label="Not asked yet" />;
}

const FILTERS: Filter[] = [
  { field: "name", label: "Name", kind: "text" },
  { field: "mode", label: "For", kind: "choice", choices: ["test", "live"] },
  { field: "enabled", label: "Enabled", kind: "yes" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "Failing", filters: { failures_gt: "0" } },
];

export function AccountList() {
  const listing = useListing<Row>("carrier-accounts", { sort: "name" });
  const may = useCan()("write_settings");
  const [adding, setAdding] = useState(false);
  return (
    <>
      <ListPage
        title="Carrier accounts"
        about="Carriers that are asked for rates and sell labels, beside the rate cards, which need no asking."
        listing={listing}
        columns={COLUMNS}
        filters={FILTERS}
        quick={QUICK}
        href={(account) => accountHref(account.code)}
        actions={
          <>
            <Button component={Link} to="/carrier-accounts/purchases">Purchases</Button>
            <Button component={Link} to="/carrier-accounts/labels">Labels</Button>
            {may && (
              <Button variant="contained" color="primary" startIcon={<Plus size={14} />} onClick={() => setAdding(true)}>
                Add account
              </Button>
            )}
          </>
        }
        empty={
          <Empty icon={Ship} title="No carrier is asked yet">
            Labels are priced from rate cards. With an account, carriers are asked as well, and the best offer is bought.
          </Empty>
        }
      />
      {adding && <PutAccount close={() => setAdding(false)} />}
    </>
  );
}
