import Button from "@mui/material/Button";
import { X } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { Chip, words } from "@/parts/Chip";
import { MoneyIn, TextIn } from "@/parts/fields";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing, useListingContext } from "@/parts/listing";
import { decimal, minorUnits, Money } from "@/parts/Money";
import { useCan } from "@/parts/scopes";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { REASONS, SIBLINGS, STATES, TOUCHES, type Charge } from "./bill";
import { EnterCarrierInvoice } from "./EnterCarrierInvoice";
import { Sums } from "./Sums";

const COLUMNS: Column<Charge>[] = [
  { id: "invoice", label: "Invoice", render: (c) => <><span className="strong">{c.invoice}</span> <span className="faint">/{c.no}</span></> },
  { id: "carrier", label: "Carrier", sort: "carrier", render: (c) => c.carrier },
  { id: "tracking_number", label: "Parcel", render: (c) => (c.order_id ? <Link className="link" to={`/orders/${c.order_id}`}><code>{c.tracking_number}</code></Link> : <code>{c.tracking_number}</code>) },
  { id: "kind", label: "Charge", render: (c) => words(c.kind) },
  { id: "reason", label: "Reason", sort: "reason", render: (c) => (c.reason ? <Chip state={c.reason} tone="warn" label={REASONS[c.reason]} /> : <span className="faint">–</span>) },
  { id: "why", label: "Because", grow: true, wide: true, render: (c) => c.why },
  { id: "state", label: "State", render: (c) => (c.state === "fair" ? <span className="faint">Fair</span> : <Chip state={c.state} />) },
  { id: "amount", label: "Billed", sort: "amount", align: "right", render: (c) => <Money amount={c.amount} currency={c.currency} /> },
  { id: "quoted", label: "Quoted", align: "right", render: (c) => <Money amount={c.quoted} currency={c.currency} /> },
  { id: "over", label: "Too much", sort: "over", align: "right", render: (c) => (c.over ? <Money amount={c.over} currency={c.currency} strong /> : <span className="faint">–</span>) },
  { id: "credited", label: "Credited", align: "right", extra: true, render: (c) => (c.credited ? <Money amount={c.credited} currency={c.currency} /> : <span className="faint">–</span>) },
];

const FILTERS: Filter[] = [
  { field: "state", label: "State", kind: "choice", choices: ["fair", ...STATES] },
  { field: "reason", label: "Reason", kind: "choice", choices: Object.keys(REASONS), names: REASONS },
  { field: "carrier", label: "Carrier", kind: "text", operator: "eq", hint: "Code of a carrier" },
  { field: "invoice", label: "Invoice", kind: "text", operator: "eq" },
  { field: "tracking_number", label: "Parcel", kind: "text", operator: "eq", hint: "Tracking number" },
  { field: "over", label: "Too much", kind: "number" },
];

const QUICK: QuickView[] = [
  { label: "To decide", filters: { state_eq: "open" } },
  { label: "Disputed", filters: { state_eq: "disputed" } },
  { label: "Settled", filters: { state_in: "credited,accepted" } },
  { label: "All", filters: {} },
];

export function ChargeList() {
  const listing = useListing<Charge>("carrier-charges", { sort: "-over" });
  const can = useCan();
  const [entering, setEntering] = useState(false);
  return (
    <ListPage
      title="Carrier invoices"
      about="Every line that carriers billed, beside what its label was quoted."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      siblings={SIBLINGS}
      bulk={<Decide />}
      before={<Sums />}
      actions={can("write_shipping") && <Button variant="contained" onClick={() => setEntering(true)}>Bring an invoice</Button>}
      empty={<Empty title="No charge fits">Bring a carrier's invoice as its own CSV file; each line is held against its label.</Empty>}
    >
      {entering && <EnterCarrierInvoice close={() => setEntering(false)} />}
    </ListPage>
  );
}

type Doing = "dispute" | "accept" | "credit";

/** What may be done to the selected charges: the server says of each what comes next. */
function Decide() {
  const { selected, select, rows } = useListingContext();
  const can = useCan();
  const [doing, setDoing] = useState<Doing | null>(null);
  const chosen = (rows as unknown as Charge[]).filter((c) => selected.has(String(c.id)));
  const may = (step: Doing) => chosen.length > 0 && chosen.every((c) => c.next.includes(step));
  const over = chosen.reduce((sum, c) => sum + c.over, 0);
  const one = chosen[0];
  const alike = chosen.every((c) => c.currency === one?.currency);
  return (
    <>
      <span className="strong" role="status">
        {selected.size} selected{one && alike && <> · <Money amount={over} currency={one.currency} /> too much</>}
      </span>
      <span className="bulk-actions">
        {can("write_shipping") && <Button disabled={!may("dispute")} onClick={() => setDoing("dispute")}>Dispute</Button>}
        {can("write_shipping") && <Button disabled={!may("credit") || chosen.length !== 1} onClick={() => setDoing("credit")}>Credited</Button>}
        {can("accept_differences") && <Button disabled={!may("accept")} onClick={() => setDoing("accept")}>Accept</Button>}
        <Button variant="text" aria-label="Clear the selection" title="Esc" onClick={() => select([])}>
          <X size={15} />
        </Button>
      </span>
      {doing === "credit" && one && <Credit charge={one} close={() => setDoing(null)} done={() => select([])} />}
      {(doing === "dispute" || doing === "accept") && <Say of={chosen} step={doing} close={() => setDoing(null)} done={() => select([])} />}
    </>
  );
}

function Say({ of, step, close, done }: { of: Charge[]; step: "dispute" | "accept"; close: () => void; done: () => void }) {
  const write = useWrite(
    (body: Shape<"ChargesNoted">, once) =>
      step === "dispute" ? answer(api.POST("/api/v1/carrier-charges/dispute", { body, ...once })) : answer(api.POST("/api/v1/carrier-charges/accept", { body, ...once })),
    { touches: TOUCHES, done },
  );
  return (
    <Ask<{ note: string }, Shape<"ChargesNoted">>
      title={step === "dispute" ? `Dispute ${of.length === 1 ? "a charge" : `${of.length} charges`}` : `Accept ${of.length === 1 ? "a charge" : `${of.length} charges`}`}
      about={step === "dispute" ? "They are in the carrier's file of disputes until it gives the money back." : "They are paid although they are more than was quoted."}
      verb={step === "dispute" ? "Dispute" : "Accept"}
      values={{ note: "" }}
      input={({ note }) => ({ charge_ids: of.map((c) => c.id), note })}
      write={write}
      close={close}
    >
      <TextIn name="note" label={step === "dispute" ? "How the carrier was told" : "Why"} required autoFocus />
    </Ask>
  );
}

function Credit({ charge: c, close, done }: { charge: Charge; close: () => void; done: () => void }) {
  const write = useWrite(
    (body: Shape<"ChargeCredited">, once) => answer(api.POST("/api/v1/carrier-charges/{charge_id}/credit", { params: { path: { charge_id: c.id } }, body, ...once })),
    { touches: TOUCHES, done },
  );
  return (
    <Ask<{ note: string; amount: string }, Shape<"ChargeCredited">>
      title={`${c.carrier} gave back`}
      verb="It is credited"
      values={{ note: "", amount: decimal(c.over, c.currency) }}
      input={({ note, amount }) => ({ note, amount: minorUnits(amount, c.currency), version: c.version })}
      write={write}
      close={close}
    >
      <MoneyIn name="amount" label="Amount" currency={c.currency} required />
      <TextIn name="note" label="Its credit note" required autoFocus />
    </Ask>
  );
}
