import Button from "@mui/material/Button";
import { Plus, Webhook as Icon } from "lucide-react";
import { useState } from "react";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { useCan } from "@/parts/scopes";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { Ago, When } from "@/parts/When";
import { CreateWebhook } from "./CreateWebhook";
import { webhookHref, type Webhook } from "./webhook";

const COLUMNS: Column<Webhook>[] = [
  { id: "name", label: "Name", sort: "name", render: (w) => w.name },
  { id: "url", label: "Address", grow: true, render: (w) => <span className="mono">{w.url}</span> },
  { id: "events", label: "Is told of", wide: true, render: (w) => w.events.map((e) => <span key={e} className="tag">{e}</span>) },
  { id: "status", label: "Status", render: (w) => <Health webhook={w} /> },
  { id: "created_at", label: "Made", sort: "created_at", extra: true, render: (w) => <When at={w.created_at} /> },
  { id: "answered_at", label: "Last answered", sort: "answered_at", align: "right", render: (w) => <Ago at={w.answered_at} /> },
];

/** Whether it works, fails at the moment, or was switched off. */
export function Health({ webhook }: { webhook: Webhook }) {
  if (webhook.status === "active" && webhook.failures > 0) return <Chip state="failing" tone="warn" label={`Failing, ${webhook.failures} in a row`} />;
  return <Chip state={webhook.status} tone={webhook.status === "disabled" ? "bad" : undefined} />;
}

const FILTERS: Filter[] = [
  { field: "status", label: "Status", kind: "choice", choices: ["active", "disabled"] },
  { field: "name", label: "Name", kind: "text" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "Disabled", filters: { status_eq: "disabled" } },
  { label: "Failing", filters: { failures_gt: "0" } },
];

export function WebhookList() {
  const listing = useListing<Webhook>("webhooks", { sort: "name" });
  const can = useCan();
  const [creating, setCreating] = useState(false);
  const add = can("write_webhooks") && (
    <Button variant="contained" color="primary" startIcon={<Plus size={14} />} onClick={() => setCreating(true)}>
      Add webhook
    </Button>
  );
  return (
    <>
      <ListPage
        title="Webhooks"
        about="Other programs that are told what happens here, as it happens."
        listing={listing}
        columns={COLUMNS}
        filters={FILTERS}
        quick={QUICK}
        href={(webhook) => webhookHref(webhook.id)}
        actions={add}
        empty={
          <Empty icon={Icon} title="Nobody is told of anything yet">
            A webhook sends events such as a new order to an address of yours, signed, and again until it is answered.
          </Empty>
        }
      />
      {creating && <CreateWebhook close={() => setCreating(false)} />}
    </>
  );
}
