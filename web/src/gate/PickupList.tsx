import Button from "@mui/material/Button";
import { Plus } from "lucide-react";
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
import { BookPickup } from "./BookPickup";
import { SIBLINGS } from "./gate";

type Pickup = Shape<"Pickup">;
type Step = "cancel" | "give-up";

const TONES: Record<string, "ok" | "bad" | "warn" | "info" | "mute"> = {
  asked: "info", booking: "info", unknown: "bad", booked: "ok", cancelling: "info", cancelled: "mute", refused: "bad", given_up: "mute",
};

const FILTERS: Filter[] = [
  { field: "status", label: "State", kind: "choice", choices: Object.keys(TONES) },
  { field: "node", label: "Node", kind: "text", operator: "eq" },
  { field: "carrier", label: "Carrier", kind: "text", operator: "eq" },
  { field: "daily", label: "By the calendar", kind: "yes" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "To come", filters: { status_in: "asked,booking,booked,unknown,cancelling" } },
  { label: "May come", filters: { status_eq: "unknown" } },
  { label: "Refused", filters: { status_eq: "refused" } },
];

/** Who fetches, where and when, and what each carrier said. */
export function PickupList() {
  const can = useCan();
  const [isBooking, setBooking] = useState(false);
  const [asked, setAsked] = useState<{ pickup: Pickup; step: Step } | null>(null);
  const listing = useListing<Pickup>("pickups", { sort: "-earliest" });
  const columns: Column<Pickup>[] = [
    { id: "number", label: "Pickup", sort: "number", render: (p) => <span className="mono strong">{p.number}</span> },
    { id: "on", label: "Day", extra: true, render: (p) => p.on },
    { id: "earliest", label: "Between", sort: "earliest", render: (p) => <span className="nowrap"><When at={p.earliest} /> and <When at={p.latest} /></span> },
    { id: "node", label: "Node", render: (p) => p.node },
    { id: "carrier", label: "Carrier", render: (p) => p.carrier },
    { id: "status", label: "State", render: (p) => <Chip state={p.status} tone={TONES[p.status]} /> },
    { id: "confirmation", label: "Its number", render: (p) => <span className="mono">{p.confirmation}</span> },
    { id: "parcels", label: "Parcels", align: "right", render: (p) => p.parcels },
    { id: "why", label: "Why", grow: true, render: (p) => <span className="quiet small">{p.why}</span> },
    { id: "amount", label: "Price", align: "right", extra: true, render: (p) => p.amount !== null && p.currency && <Money amount={p.amount} currency={p.currency} /> },
    { id: "daily", label: "", wide: true, render: (p) => p.daily && <Chip state="daily" tone="mute" /> },
    { id: "verbs", label: "", align: "right", render: (p) => can("write_shipping") && (
      <>
        {p.next.includes("cancel") && <Button variant="text" onClick={() => setAsked({ pickup: p, step: "cancel" })}>Cancel</Button>}
        {p.next.includes("give_up") && <Button variant="text" onClick={() => setAsked({ pickup: p, step: "give-up" })}>Give up</Button>}
      </>
    ) },
  ];
  return (
    <ListPage
      title="Pickups"
      about="When carriers come to fetch. A pickup whose answer was lost is looked up until the carrier says; nothing else is booked meanwhile."
      listing={listing}
      columns={columns}
      filters={FILTERS}
      quick={QUICK}
      siblings={SIBLINGS}
      actions={can("write_shipping") && <Button variant="contained" startIcon={<Plus size={14} />} onClick={() => setBooking(true)}>Book a pickup</Button>}
      empty={<Empty title="No pickup yet">Book one, or let a calendar book them daily.</Empty>}
    >
      {isBooking && <BookPickup close={() => setBooking(false)} />}
      {asked && <EndPickup {...asked} close={() => setAsked(null)} />}
    </ListPage>
  );
}

function EndPickup({ pickup, step, close }: { pickup: Pickup; step: Step; close: () => void }) {
  const end = useWrite(
    (body: { reason: string }, once) =>
      step === "cancel"
        ? answer(api.POST("/api/v1/pickups/{pickup_id}/cancel", { params: { path: { pickup_id: pickup.id } }, body, ...once }))
        : answer(api.POST("/api/v1/pickups/{pickup_id}/give-up", { params: { path: { pickup_id: pickup.id } }, body, ...once })),
    { touches: ["pickups", "home"] },
  );
  const cancels = step === "cancel";
  return (
    <Ask<{ reason: string }, { reason: string }>
      title={cancels ? `Cancel ${pickup.number}` : `Give ${pickup.number} up`}
      about={cancels ? "The carrier is told not to come. If it comes all the same, the pickup stays booked." : "Call the carrier first: it may come. Another pickup may be booked then."}
      verb={cancels ? "Cancel the pickup" : "Give up"}
      tone="error"
      values={{ reason: "" }}
      input={({ reason }) => ({ reason: reason.trim() })}
      write={end}
      close={close}
    >
      <TextIn name="reason" label="Why" required autoFocus />
    </Ask>
  );
}
