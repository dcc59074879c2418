import { useQuery } from "@tanstack/react-query";
import { CircleSlash } from "lucide-react";
import { Link } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { Actions, type Verb, type VerbProps } from "@/parts/Actions";
import { AskReason } from "@/parts/AskReason";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Card } from "@/parts/Page";
import { percentOf } from "@/parts/percent";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { SKU, SkuLink } from "@/stock/stock";
import { returnHref, SIGNALS, signalText } from "./return";

type Signal = Shape<"ReturnSignal">;

const VERBS: Record<string, Verb<Signal>> = {
  set_aside: { label: "Set aside", icon: CircleSlash, scope: "refund_payments", dialog: SetAside },
};

const COLUMNS: Column<Signal>[] = [
  { id: "kind", label: "Signal", sort: "kind", grow: true, render: (s) => <><span className="strong">{signalText(s.kind)}</span><p className="faint small">{s.why}</p>{s.set_aside_why && <p className="faint small">Set aside: {s.set_aside_why}</p>}</> },
  { id: "number", label: "Return", render: (s) => <Link className="link" to={returnHref(s.return_id)}>{s.number}</Link> },
  { id: "sku", label: "SKU", render: (s) => (s.sku ? <SkuLink sku={s.sku} /> : <span className="faint">–</span>) },
  { id: "status", label: "Status", render: (s) => <Chip state={s.status} /> },
  { id: "created_at", label: "Raised", sort: "created_at", render: (s) => <When at={s.created_at} /> },
  { id: "verbs", label: "", align: "right", render: (s) => <Actions record={s} next={s.next} verbs={VERBS} /> },
];

const FILTERS: Filter[] = [
  { field: "status", label: "Status", kind: "choice", choices: ["open", "set_aside"] },
  { field: "kind", label: "Signal", kind: "choice", choices: Object.keys(SIGNALS), names: SIGNALS },
  { field: "customer_id", label: "Customer", kind: "text", operator: "eq", hint: "Id of the customer" },
  SKU,
  { field: "created_at", label: "Raised", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "Open", filters: { status_eq: "open" } },
  { label: "All", filters: {} },
];

/** What speaks for looking twice at somebody's returns. */
export function SignalList() {
  const listing = useListing<Signal>("return-signals", { sort: "-created_at" });
  return (
    <ListPage
      title="Signals"
      about="What speaks for looking twice. While one is open, a person looks at the customer's returns before any money goes back; nothing is refused."
      crumbs={[{ label: "Returns", to: "/returns" }]}
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      empty={<Empty title="Nothing fits">Signals are raised as goods are asked back and received.</Empty>}
    />
  );
}

/** Signals on one return, or against one customer. */
export function SignalsOf({ of }: { of: { return_id_eq: string } | { customer_id_eq: string } }) {
  const asked = useQuery({
    queryKey: ["return-signals", "of", of],
    queryFn: () => answer(api.GET("/api/v1/return-signals", { params: { query: { ...of, sort: "-created_at", limit: 20 } } })),
  });
  const signals = asked.data?.data ?? [];
  if (signals.length === 0) return null;
  return (
    <Card title="Signals" count={signals.length}>
      <div className="stack">
        {signals.map((s) => (
          <div key={s.id} className="stack tight">
            <div className="row apart">
              <span className="strong">{signalText(s.kind)}</span>
              <Chip state={s.status} />
            </div>
            <p className="faint small">{s.why}</p>
            {"customer_id_eq" in of && <p className="small"><Link className="link" to={returnHref(s.return_id)}>{s.number}</Link></p>}
            {s.set_aside_why && <p className="faint small">{s.set_aside_why}</p>}
            <span><Actions record={s} next={s.next} verbs={VERBS} /></span>
          </div>
        ))}
      </div>
    </Card>
  );
}

/** How much of what somebody bought came back, beside everybody else. */
export function RateOf({ customer }: { customer: string }) {
  const asked = useQuery({
    queryKey: ["returns", "rate", customer],
    queryFn: () => answer(api.GET("/api/v1/return-rates/customers/{customer_id}", { params: { path: { customer_id: customer } } })),
  });
  const rate = asked.data;
  if (!rate?.bought) return null;
  return (
    <Card title="Comes back">
      <RateText of={rate} />
    </Card>
  );
}

export function RateText({ of: r }: { of: Shape<"ReturnRate"> }) {
  return (
    <div className="stack tight">
      <p><span className="strong">{r.back} of {r.bought}</span> units in a year, on {r.returns} {r.returns === 1 ? "return" : "returns"}</p>
      <p className="faint small" title={`(${r.back} + ${r.prior_units} × ${percentOf(r.mean_ppm)} %) / (${r.bought} + ${r.prior_units})`}>
        {(r.rate_ppm / 10_000).toFixed(1)} %, drawn towards the shop's {(r.mean_ppm / 10_000).toFixed(1)} %
      </p>
    </div>
  );
}

function SetAside({ record: s, close }: VerbProps<Signal>) {
  return (
    <AskReason
      title={`Set aside: ${signalText(s.kind).toLowerCase()}`}
      about="It is nothing: it changes no path any more, and is not raised again for this return."
      verb="Set it aside"
      of={s}
      what="signal"
      write={(body, once) => answer(api.POST("/api/v1/return-signals/{signal_id}/set-aside", { params: { path: { signal_id: s.id } }, body, ...once }))}
      touches={["return-signals", "returns"]}
      close={close}
    />
  );
}
