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
import { Money } from "@/parts/Money";
import { useCan } from "@/parts/scopes";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";

type Label = Shape<"Label">;

const COLUMNS: Column<Label>[] = [
  { id: "tracking_number", label: "Number", render: (l) => <span className="mono strong">{l.tracking_number}</span> },
  { id: "carrier", label: "Service", sort: "carrier", render: (l) => `${l.carrier} ${l.service}` },
  { id: "state", label: "State", render: (l) => <Chip state={l.state} /> },
  { id: "refund", label: "Refund", render: (l) => l.refund !== "none" && <Chip state={l.refund} tone={l.refund === "refused" ? "bad" : l.refund === "granted" ? "ok" : "info"} /> },
  { id: "why", label: "Why", grow: true, render: (l) => l.refund_why ?? l.why },
  { id: "created_at", label: "Bought", sort: "created_at", render: (l) => <When at={l.created_at} /> },
  { id: "amount", label: "Price", sort: "amount", align: "right", render: (l) => <Money amount={l.amount} currency={l.currency} /> },
  { id: "verbs", label: "", align: "right", render: (l) => l.refund === "refused" && <AskAgainButton label={l} /> },
];

const FILTERS: Filter[] = [
  { field: "carrier", label: "Carrier", kind: "text" },
  { field: "state", label: "State", kind: "choice", choices: ["live", "voided"] },
  { field: "refund", label: "Refund", kind: "choice", choices: ["none", "asked", "granted", "refused"] },
  { field: "account", label: "Account", kind: "text", operator: "eq", hint: "Code of an account" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "Refund refused", filters: { refund_eq: "refused" } },
  { label: "Refund awaited", filters: { refund_eq: "asked" } },
];

function AskAgainButton({ label }: { label: Label }) {
  const [isOpen, setOpen] = useState(false);
  const again = useWrite(
    (body: { reason: string }, once) => answer(api.POST("/api/v1/labels/{label_id}/refund", { params: { path: { label_id: label.id } }, body, ...once })),
    { touches: ["labels", "home"] },
  );
  if (!useCan()("write_shipping")) return null;
  return (
    <>
      <Button variant="text" onClick={() => setOpen(true)}>
        Ask again
      </Button>
      {isOpen && (
        <Ask<{ reason: string }, { reason: string }>
          title={`Ask again for ${label.tracking_number}`}
          about="The carrier is asked once more for what this label cost."
          verb="Ask again"
          values={{ reason: "" }}
          input={({ reason }) => ({ reason: reason.trim() })}
          write={again}
          close={() => setOpen(false)}
        >
          <TextIn name="reason" label="Why" required autoFocus />
        </Ask>
      )}
    </>
  );
}

export function Labels() {
  const listing = useListing<Label>("labels", { sort: "-created_at" });
  return (
    <ListPage
      title="Labels"
      crumbs={[{ label: "Carrier accounts", to: "/carrier-accounts" }]}
      about="Every label that was bought. What a voided one cost is asked back from its carrier."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      empty={<Empty title="No label yet">A label is bought when a parcel is packed.</Empty>}
    />
  );
}
