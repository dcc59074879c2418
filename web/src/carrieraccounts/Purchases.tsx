import Button from "@mui/material/Button";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { Chip } from "@/parts/Chip";
import { TextIn } from "@/parts/fields";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { useCan } from "@/parts/scopes";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";

type Purchase = Shape<"LabelPurchase">;

const COLUMNS: Column<Purchase>[] = [
  { id: "asked_at", label: "Asked", sort: "asked_at", render: (p) => <When at={p.asked_at} /> },
  { id: "status", label: "State", render: (p) => <Chip state={p.status} /> },
  { id: "account", label: "Account", render: (p) => p.account },
  { id: "degraded", label: "", render: (p) => p.degraded && <Chip state="degraded" tone="warn" label="Not all answered" /> },
  { id: "why", label: "Why", grow: true, render: (p) => p.why },
  { id: "verbs", label: "", align: "right", render: (p) => p.next.includes("give_up") && <GiveUpButton purchase={p} /> },
];

const FILTERS: Filter[] = [
  { field: "status", label: "State", kind: "choice", choices: ["asked", "buying", "unknown", "bought", "refused", "cancelled", "given_up"] },
  { field: "account", label: "Account", kind: "text", operator: "eq", hint: "Code of an account" },
  { field: "degraded", label: "Decided without a carrier", kind: "yes" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "Unknown", filters: { status_eq: "unknown" } },
  { label: "Not sold", filters: { status_eq: "refused" } },
];

function GiveUpButton({ purchase }: { purchase: Purchase }) {
  const [isOpen, setOpen] = useState(false);
  const giveUp = useWrite(
    (body: { reason: string }, once) =>
      answer(api.POST("/api/v1/label-purchases/{purchase_id}/give-up", { params: { path: { purchase_id: purchase.id } }, body, ...once })),
    { touches: ["label-purchases", "labels", "home"] },
  );
  if (!useCan()("write_shipping")) return null;
  return (
    <>
      <Button variant="text" onClick={() => setOpen(true)}>
        Give up
      </Button>
      {isOpen && (
        <Ask<{ reason: string }, { reason: string }>
          title="Wait no longer for this label"
          about="Another one can be bought then. The carrier is still asked for a week: should it have sold this one, it is given back."
          verb="Give up"
          tone="error"
          values={{ reason: "" }}
          input={({ reason }) => ({ reason: reason.trim() })}
          write={giveUp}
          close={() => setOpen(false)}
        >
          <TextIn name="reason" label="Why" required autoFocus help="What the carrier said, and who of them" />
        </Ask>
      )}
    </>
  );
}

export function Purchases() {
  const listing = useListing<Purchase>("label-purchases", { sort: "-asked_at" });
  return (
    <ListPage
      title="Label purchases"
      crumbs={[{ label: "Carrier accounts", to: "/carrier-accounts" }]}
      about="Labels that carriers were asked for. Unknown means that no answer came: it is looked up until it is settled, and nothing else is bought for the parcel meanwhile."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      empty={<Empty title="No label was asked of a carrier">Those from rate cards need no asking.</Empty>}
    />
  );
}
