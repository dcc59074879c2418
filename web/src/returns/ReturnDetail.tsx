import { useQuery } from "@tanstack/react-query";
import { Ban, BadgeDollarSign, Check, CircleSlash, PackageCheck, RotateCw, X } from "lucide-react";
import { Link, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { Actions, type Verb } from "@/parts/Actions";
import { Chip, words } from "@/parts/Chip";
import { History } from "@/parts/History";
import { listHref } from "@/parts/links";
import { Money } from "@/parts/Money";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { useCan } from "@/parts/scopes";
import { Loaded } from "@/parts/states";
import { backTo, Neighbours } from "@/parts/walk";
import { When } from "@/parts/When";
import { NodeLink, SkuLink } from "@/stock/stock";
import { COLUMNS } from "./Dispositions";
import { Photos } from "./Photos";
import { SignalsOf } from "./Signals";
import { GRADES, openOf, reasonText, returnHref, WAYS, withheldOf, type WholeReturn } from "./return";
import { Approve, CancelIt, CloseIt, Decline, PayWithheld, RefundAgain } from "./Steps";

const VERBS: Record<string, Verb<WholeReturn>> = {
  approve: { label: "Approve", icon: Check, tone: "primary", scope: "refund_payments", dialog: Approve },
  receive: { label: "Receive and grade", icon: PackageCheck, tone: "primary", scope: "write_stock", to: (r) => `${returnHref(r.id)}/receive` },
  refund: { label: "Refund again", icon: RotateCw, tone: "primary", scope: "refund_payments", dialog: RefundAgain },
  pay: { label: "Pay for withheld units", icon: BadgeDollarSign, scope: "refund_payments", dialog: PayWithheld },
  decline: { label: "Decline", icon: X, scope: "refund_payments", dialog: Decline },
  close: { label: "Close", icon: CircleSlash, scope: "refund_payments", dialog: CloseIt },
  cancel: { label: "Cancel", icon: Ban, scope: "write_orders", dialog: CancelIt },
};

export function useReturn(id: string) {
  return useQuery({
    queryKey: ["returns", "detail", id],
    queryFn: () => answer(api.GET("/api/v1/returns/{return_id}", { params: { path: { return_id: id } } })),
  });
}

export function ReturnDetail() {
  const { id = "" } = useParams();
  const asked = useReturn(id);
  const crumbs = [{ label: "Returns", to: backTo("returns", "/returns") }];
  return (
    <Loaded query={asked} frame={(inside) => <Page title="Return" crumbs={crumbs}>{inside}</Page>}>
      {(r) => (
        <Page
          title={r.number}
          crumbs={crumbs}
          chips={
            <>
              <Chip state={r.status} />
              <Chip state={r.refund_state} label={`Refund ${words(r.refund_state).toLowerCase()}`} />
              {r.exception && <Chip state="exception" tone="warn" />}
            </>
          }
          about={
            <>
              Of order <Link className="link" to={`/orders/${r.order_id}`}>{r.order_number}</Link> · asked for <When at={r.created_at} />
            </>
          }
          actions={
            <>
              <Neighbours resource="returns" id={r.id} href={returnHref} />
              <Actions record={r} next={r.next} verbs={VERBS} />
            </>
          }
        >
          <Columns
            main={
              <>
                <Lines of={r} />
                <Graded of={r} />
                <Become of={r} />
                <Photographed of={r} />
              </>
            }
            side={
              <>
                <SignalsOf of={{ return_id_eq: r.id }} />
                <Owed of={r} />
                <Parcel of={r} />
                <About of={r} />
                <Card title="History">
                  <History entries={r.history.map((h) => ({ at: h.at, actor: h.actor, why: h.why, title: titleOf(h) }))} />
                </Card>
              </>
            }
          />
        </Page>
      )}
    </Loaded>
  );
}

export function titleOf({ from_status, to_status }: Pick<WholeReturn["history"][number], "from_status" | "to_status">): string {
  if (from_status === to_status) return words(to_status);
  return from_status ? `${words(from_status)} → ${words(to_status).toLowerCase()}` : words(to_status);
}

/** What was asked for beside what came of it and what it is worth. */
export function Lines({ of: r }: { of: WholeReturn }) {
  const units = (n: number) => n || <span className="faint">0</span>;
  return (
    <Card title="Lines" count={r.lines.length} flush>
      <Rows
        rows={r.lines}
        keyOf={(l) => String(l.line_no)}
        columns={[
          {
            id: "sku",
            label: "Item",
            grow: true,
            render: (l) => (
              <>
                <span className="strong">{l.title}</span>
                <p className="small"><SkuLink sku={l.sku} /></p>
                <p className="faint small">{reasonText(l.reason)}{l.remark && `: ${l.remark}`}</p>
                {l.refused && <p className="minus small">{l.refused}</p>}
              </>
            ),
          },
          { id: "quantity", label: "Units", align: "right", render: (l) => <>{l.quantity}{openOf(l) > 0 && <p className="faint small nowrap">{openOf(l)} to come</p>}</> },
          { id: "sellable", label: GRADES.sellable, align: "right", render: (l) => units(l.sellable) },
          { id: "damaged", label: "Set aside", align: "right", render: (l) => <span title={`${l.damaged} damaged, ${l.not_as_described} not as described`}>{units(l.damaged + l.not_as_described)}</span> },
          { id: "missing", label: GRADES.missing, align: "right", render: (l) => <>{units(l.missing)}{l.stayed > 0 && <p className="faint small nowrap">{l.stayed} stayed</p>}</> },
          { id: "credited", label: "Paid", align: "right", render: (l) => <>{units(l.credited)}{withheldOf(l) > 0 && <p className="minus small">{withheldOf(l)} withheld</p>}</> },
          { id: "credited_total", label: "Worth", align: "right", render: (l) => <><Money amount={l.credited_total} currency={r.currency} />{l.fee > 0 && <p className="faint small nowrap">fee <Money amount={-l.fee} currency={r.currency} /></p>}</> },
        ]}
      />
    </Card>
  );
}

function Graded({ of: r }: { of: WholeReturn }) {
  if (r.graded.length === 0) return null;
  const sku = (line_no: number) => r.lines.find((l) => l.line_no === line_no)?.sku ?? `line ${line_no}`;
  return (
    <Card title="What came" flush action={<Link className="link" to={listHref("list_movements", { cause_eq: `return:${r.id}` })}>In the ledger</Link>}>
      <Rows
        rows={r.graded}
        keyOf={(u) => u.id}
        columns={[
          { id: "line_no", label: "SKU", grow: true, render: (u) => <><SkuLink sku={sku(u.line_no)} />{u.note && <p className="faint small">{u.note}</p>}</> },
          { id: "quantity", label: "Units", align: "right", render: (u) => u.quantity },
          { id: "grade", label: "Grade", render: (u) => <Chip state={u.grade} label={GRADES[u.grade as keyof typeof GRADES]} /> },
          { id: "node", label: "At", render: (u) => (u.node ? <NodeLink node={u.node} /> : <span className="faint">–</span>) },
          { id: "at", label: "When", render: (u) => <When at={u.at} /> },
        ]}
      />
    </Card>
  );
}

/** What becomes of what came, and what of it is still to be done. */
function Become({ of: r }: { of: WholeReturn }) {
  const asked = useQuery({
    queryKey: ["return-dispositions", "of", r.id, r.version],
    enabled: r.graded.length > 0,
    queryFn: () => answer(api.GET("/api/v1/return-dispositions", { params: { query: { return_id_eq: r.id, limit: 100 } } })),
  });
  const rows = asked.data?.data ?? [];
  if (rows.length === 0) return null;
  return (
    <Card title="What becomes of it" flush>
      <Rows rows={rows} keyOf={(d) => d.id} columns={COLUMNS.filter(({ id }) => !["number", "grade", "node", "created_at"].includes(id))} />
    </Card>
  );
}

function Owed({ of: r }: { of: WholeReturn }) {
  const money = (amount: number) => <Money amount={amount} currency={r.currency} />;
  return (
    <Card title="Money">
      <div className="stack">
        <Facts
          facts={[
            ["Shipping's share", r.shipping ? money(r.shipping) : null],
            ["Label", r.label_taken ? money(-r.label_taken) : null],
            ["Owed so far", money(r.credit)],
            ["Refunded by hand before", r.counted ? money(r.counted) : null],
            ["Given back", money(r.refunded - r.moved)],
            ["Pays for what goes out", r.moved ? money(r.moved) : null],
            ["Bonus", r.bonus ? money(r.bonus) : null],
            ["Goes", r.refund_to === "store_credit" ? "To store credit" : null],
            ["Missing", r.due ? <span key="due" className="minus">{money(r.due)}</span> : null],
          ]}
        />
        {r.refund_error && <p className="minus">{r.refund_error}</p>}
      </div>
    </Card>
  );
}

function Photographed({ of: r }: { of: WholeReturn }) {
  const photos = useQuery({
    queryKey: ["returns", "photos", r.id],
    queryFn: () => answer(api.GET("/api/v1/returns/{return_id}/photos", { params: { path: { return_id: r.id } } })),
  });
  return <Photos of={photos.data?.data ?? []} titles={Object.fromEntries(r.lines.map((l) => [l.line_no, l.title]))} />;
}

/** How the goods come, and how far they have come. */
function Parcel({ of: r }: { of: WholeReturn }) {
  const can = useCan();
  return (
    <Card title="Parcel" action={r.tracking_number && can("read_shipping") && <a className="link" href={`/api/v1/returns/${r.id}/label.pdf`} target="_blank" rel="noreferrer">Label</a>}>
      <Facts
        facts={[
          ["Sent", WAYS[r.way]],
          ["Stands", <Chip key="parcel" state={r.parcel} />],
          ["Carrier", r.carrier],
          ["Tracking", r.tracking_number && <span key="tracking" className="mono">{r.tracking_number}</span>],
          ["Label paid by", words(r.label_paid_by)],
          ["Told the customer", r.label_price ? <Money key="price" amount={r.label_price} currency={r.currency} /> : null],
        ]}
      />
    </Card>
  );
}

function About({ of: r }: { of: WholeReturn }) {
  return (
    <Card title="About">
      <Facts
        facts={[
          ["Policy", r.policy_version ? <Link key="policy" className="link" to={`/returns/policies/${r.policy_version}`}>Version {r.policy_version}</Link> : "None was in force"],
          ["Customer keeps it", r.keep_why],
          ["A person looks", r.review],
          ["Exception", r.exception],
          ["Exchange", r.exchange_id && <Link key="exchange" className="link" to={`/exchanges/${r.exchange_id}`}>Its other half</Link>],
          ["Decision", r.decision],
          ["Decided", r.decided_at && <When key="decided" at={r.decided_at} />],
          ["Note", r.note],
        ]}
      />
    </Card>
  );
}
