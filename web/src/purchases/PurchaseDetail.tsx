import { useQuery } from "@tanstack/react-query";
import { Ban, CalendarCheck, CircleSlash, Mail, PackageCheck, Send as SendIcon, Stamp, Undo2 } from "lucide-react";
import { Link, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { CreditsOf, InvoicesOf } from "@/invoices/OfPurchase";
import { NoticesOf } from "@/notices/OfPurchase";
import { Actions, type Verb } from "@/parts/Actions";
import { Chip } from "@/parts/Chip";
import { History } from "@/parts/History";
import { listHref } from "@/parts/links";
import { Money } from "@/parts/Money";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { Loaded } from "@/parts/states";
import { backTo, Neighbours } from "@/parts/walk";
import { When } from "@/parts/When";
import { NodeLink, SkuLink } from "@/stock/stock";
import { SupplierLink } from "@/suppliers/supplier";
import type { Purchase } from "./PurchaseList";
import { Photos } from "./Photos";
import { Receive } from "./Receive";
import { TakeBack, type GoodsReceipt } from "./TakeBack";
import { Approve, CancelIt, Confirm, MailIt, Send, ShortCloseIt } from "./Steps";

const VERBS: Record<string, Verb<Purchase>> = {
  approved: { label: "Approve", icon: Stamp, tone: "primary", scope: "write_purchasing", dialog: Approve },
  sent: { label: "Sent", icon: SendIcon, tone: "primary", scope: "write_purchasing", dialog: Send },
  received: { label: "Receive", icon: PackageCheck, tone: "primary", scope: "write_stock", dialog: Receive },
  confirmed: { label: "Confirmed", icon: CalendarCheck, scope: "write_purchasing", dialog: Confirm },
  short_closed: { label: "Close short", icon: CircleSlash, scope: "write_purchasing", dialog: ShortCloseIt },
  cancelled: { label: "Cancel", icon: Ban, scope: "write_purchasing", dialog: CancelIt },
};

const RECEIPT_VERBS: Record<string, Verb<GoodsReceipt>> = {
  taken_back: { label: "Take back", icon: Undo2, scope: "write_stock", dialog: TakeBack },
};

export function PurchaseDetail() {
  const { id = "" } = useParams();
  const asked = useQuery({
    queryKey: ["purchase-orders", "detail", id],
    queryFn: () => answer(api.GET("/api/v1/purchase-orders/{purchase_id}", { params: { path: { purchase_id: id } } })),
    refetchInterval: ({ state }) => (awaitsMail(state.data) ? 3000 : false), // nothing is announced when it has gone
  });
  const crumbs = [{ label: "Purchase orders", to: backTo("purchase-orders", "/purchases") }];
  return (
    <Loaded query={asked} frame={(inside) => <Page title="Purchase order" crumbs={crumbs}>{inside}</Page>}>
      {(p) => (
        <Page
          title={p.number}
          crumbs={crumbs}
          chips={<Chip state={p.status} />}
          about={
            <>
              <SupplierLink supplier={p.supplier} /> → <NodeLink node={p.node} /> · drafted <When at={p.created_at} />
            </>
          }
          actions={
            <>
              <Neighbours resource="purchase-orders" id={p.id} href={(other) => `/purchases/${other}`} />
              <Actions record={p} next={p.next} verbs={VERBS} />
            </>
          }
        >
          <Columns
            main={
              <>
                <Lines of={p} />
                {p.sent_at && <NoticesOf purchase={p} />}
                <Receipts of={p} />
                <InvoicesOf purchase={p} />
                {p.sent_at && <CreditsOf purchase={p} />}
              </>
            }
            side={<Around of={p} />}
          />
        </Page>
      )}
    </Loaded>
  );
}

const SOON_MS = 30_000;

/** Its mail is on its way, or will be written in a moment. */
const awaitsMail = (p: Purchase | undefined) =>
  p?.mail_state === "queued" || (p?.mail_state === null && p.sent_at !== null && Date.now() - Date.parse(p.sent_at) < SOON_MS);

/** What an amendment kept of a field; of a moment the day, which is all that people agree on. */
export const dayOf = (kept: string | null) => (kept === null ? "–" : kept.replace(/^(\d{4}-\d{2}-\d{2})[ T]\d{2}:.*$/, "$1"));

function Lines({ of: p }: { of: Purchase }) {
  return (
    <Card title="Lines" flush>
      <Rows
        rows={p.lines}
        keyOf={(line) => String(line.line_no)}
        columns={[
          { id: "sku", label: "SKU", grow: true, render: (l) => <><SkuLink sku={l.sku} />{l.why && <p className="faint small">{l.why}</p>}</> },
          { id: "ordered", label: "Ordered", align: "right", render: (l) => l.ordered },
          { id: "received", label: "Received", align: "right", render: (l) => l.received },
          { id: "closed_short", label: "Short", align: "right", render: (l) => (l.closed_short ? <span className="minus">{l.closed_short}</span> : 0) },
          { id: "unit_cost", label: "Unit cost", align: "right", render: (l) => <Money amount={l.unit_cost} currency={p.currency} /> },
          { id: "landed_unit", label: "Landed", align: "right", wide: true, render: (l) => <Money amount={l.landed_unit} currency={p.currency} /> },
          { id: "total", label: "Total", align: "right", render: (l) => <Money amount={l.total} currency={p.currency} /> },
        ]}
      />
    </Card>
  );
}

function Receipts({ of: p }: { of: Purchase }) {
  const asked = useQuery({
    queryKey: ["receipts", "of", p.id],
    queryFn: () => answer(api.GET("/api/v1/receipts", { params: { query: { purchase_id_eq: p.id, expand: "lines,photos" } } })),
  });
  return (
    <>
      <Card title="Receipts" flush>
        <Loaded query={asked}>
          {({ data }) =>
            data.length === 0 ? (
              <p className="quiet card-line">Nothing has come yet.</p>
            ) : (
              <Rows
                rows={data}
                keyOf={(receipt) => receipt.id}
                columns={[
                  { id: "number", label: "Receipt", render: (r) => <Link className="link" to={listHref("list_movements", { cause_eq: `receipt:${r.id}` })}>{r.number}</Link> },
                  { id: "lines", label: "What came", grow: true, render: (r) => <Came receipt={r} /> },
                  { id: "received_at", label: "When", render: (r) => <When at={r.received_at} /> },
                  { id: "status", label: "Status", render: (r) => <Chip state={r.status} /> },
                  { id: "next", label: "", render: (r) => <Actions record={r} next={r.next} verbs={RECEIPT_VERBS} /> },
                ]}
              />
            )
          }
        </Loaded>
      </Card>
      <Photos of={asked.data?.data ?? []} />
    </>
  );
}

/** Each line of its own, whole: the reason of what is not good is what people look for. */
function Came({ receipt: r }: { receipt: GoodsReceipt }) {
  return (
    <div className="wraps">
      {r.lines.map((l) => (
        <p key={l.no}>
          {`${l.quantity} ${l.sku} ${l.condition}`}
          {l.reason && <span className="faint small">: {l.reason}</span>}
        </p>
      ))}
      {r.lines.some((l) => l.condition !== "good") && <Link className="link small" to={listHref("list_inspections", { receipt_id_eq: r.id })}>Inspections</Link>}
    </div>
  );
}

const MAIL: Record<string, Verb<Purchase>> = { mail: { label: "Mail it", icon: Mail, scope: "write_purchasing", dialog: MailIt } };

function Mailed({ of: p }: { of: Purchase }) {
  return (
    <Card title="Mail to the supplier" action={<Actions record={p} next={["mail"]} verbs={MAIL} />}>
      {p.mail_state ? (
        <Facts
          facts={[
            ["State", <Chip key="state" state={p.mail_state} />],
            ["To", p.mail_to],
            ["Went", p.mailed_at && <When key="went" at={p.mailed_at} />],
            ["What the server said", p.mail_error],
          ]}
        />
      ) : (
        <p className="quiet">It was not mailed.</p>
      )}
    </Card>
  );
}

function Around({ of: p }: { of: Purchase }) {
  return (
    <>
      <Card title="About">
        <Facts
          facts={[
            ["Total", <Money key="total" strong amount={p.total} currency={p.currency} />],
            ["Charges", p.charges ? <Money key="charges" amount={p.charges} currency={p.currency} /> : null],
            ["Expected", p.expected_at && <When key="expected" at={p.expected_at} />],
            ["Their number", p.reference],
            ["Terms", p.terms],
            ["Approved", p.approved_at && <When key="approved" at={p.approved_at} />],
            ["Sent", p.sent_at && <When key="sent" at={p.sent_at} />],
            ["Note", p.note],
            ["On paper", <a key="paper" className="link" href={`/api/v1/purchase-orders/${p.id}/document.pdf`} target="_blank" rel="noreferrer">{p.number}.pdf</a>],
            ["From", <Link key="from" className="link" to={`/replenishment?purchase_id_eq=${p.id}`}>its suggestions</Link>],
          ]}
        />
      </Card>
      {p.sent_at && <Mailed of={p} />}
      {p.amendments.length > 0 && (
        <Card title="Amendments">
          <History
            entries={[...p.amendments].reverse().map((a) => ({
              at: a.at,
              actor: a.actor,
              why: a.why,
              title: `${a.line_no ? `Line ${a.line_no}: ` : ""}${a.field.replaceAll("_", " ")} ${dayOf(a.old)} → ${dayOf(a.new)}`,
            }))}
          />
        </Card>
      )}
    </>
  );
}
