import { useQuery } from "@tanstack/react-query";
import { BadgeDollarSign, Check, Clock, FileQuestion, Hand, Mail, PackagePlus, RotateCcw } from "lucide-react";
import { Link, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { Actions, type Verb } from "@/parts/Actions";
import { Chip, words } from "@/parts/Chip";
import { History } from "@/parts/History";
import { Money } from "@/parts/Money";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { percentOf } from "@/parts/percent";
import { Loaded } from "@/parts/states";
import { backTo, Neighbours } from "@/parts/walk";
import { Ago, When } from "@/parts/When";
import { titleOf } from "@/returns/ReturnDetail";
import { ACTIONS, claimHref, exceptionHref, KINDS, optionsOf, toneOf, type WholeTrouble as Trouble } from "./exception";
import { ClaimIt, CloseIt, Contact, Refund, Reopen, Reship, Take, Wait } from "./Steps";
import { OrderWay } from "./Way";

const VERBS: Record<string, Verb<Trouble>> = {
  take: { label: "Take it", icon: Hand, tone: "primary", scope: "write_shipping", dialog: Take },
  reship: { label: "Send again", icon: PackagePlus, scope: "write_orders", dialog: Reship },
  refund: { label: "Refund", icon: BadgeDollarSign, scope: "refund_payments", dialog: Refund },
  contact: { label: "Ask the customer", icon: Mail, scope: "write_shipping", dialog: Contact },
  wait: { label: "Wait", icon: Clock, scope: "write_shipping", dialog: Wait },
  claim: { label: "Claim", icon: FileQuestion, scope: "write_shipping", dialog: ClaimIt },
  close: { label: "Close", icon: Check, scope: "write_shipping", dialog: CloseIt },
  assign: { label: "Take over", icon: Hand, scope: "write_shipping", dialog: Take },
  reopen: { label: "Open again", icon: RotateCcw, scope: "write_shipping", dialog: Reopen },
};

export function ExceptionDetail() {
  const { id = "" } = useParams();
  const asked = useQuery({
    queryKey: ["parcel-exceptions", "detail", id],
    queryFn: () => answer(api.GET("/api/v1/parcel-exceptions/{exception_id}", { params: { path: { exception_id: id } } })),
  });
  const crumbs = [{ label: "Parcel exceptions", to: backTo("parcel-exceptions", "/exceptions") }];
  return (
    <Loaded query={asked} frame={(inside) => <Page title="Exception" crumbs={crumbs}>{inside}</Page>}>
      {(t) => (
        <Page
          title={t.number}
          crumbs={crumbs}
          chips={
            <>
              <Chip state={t.kind} tone={toneOf(t.kind)} label={KINDS[t.kind]} />
              <Chip state={t.status} />
            </>
          }
          about={
            <>
              Parcel <code>{t.tracking_number}</code> of order <Link className="link" to={`/orders/${t.order_id}`}>{t.order_number}</Link> with {t.carrier} · since <Ago at={t.opened_at} />
              {t.status !== "resolved" && <> · due <Ago at={t.due_at} /></>}
            </>
          }
          actions={
            <>
              <Neighbours resource="parcel-exceptions" id={t.id} href={exceptionHref} />
              <Actions record={t} next={t.next} verbs={VERBS} />
            </>
          }
        >
          <Columns
            main={
              <>
                <Proposal of={t} />
                <OrderWay orderId={t.order_id} only={t.tracking_number} />
              </>
            }
            side={
              <>
                <About of={t} />
                <ClaimsOf trouble={t} />
                <Card title="History">
                  <History entries={t.history.map((h) => ({ at: h.at, actor: h.actor, why: h.why, title: titleOf(h) }))} />
                </Card>
              </>
            }
          />
        </Page>
      )}
    </Loaded>
  );
}

/** Every action with what it is expected to cost, the cheapest on top. */
export function Proposal({ of: t }: { of: Pick<Trouble, "proposal" | "proposed" | "currency"> }) {
  const options = optionsOf(t);
  if (options.length === 0) return null;
  return (
    <Card title="What it costs">
      <div>
        {options.map((o) => (
          <div key={o.action} className="option" data-refused={o.refused ? "" : undefined}>
            <div className="row wrap">
              <span className="strong">{ACTIONS[o.action] ?? words(o.action)}</span>
              {o.action === t.proposed && <Chip state="proposed" label="Cheapest" tone="ok" />}
              <span className="quiet">{o.refused ?? o.why}</span>
            </div>
            {!o.refused && <span className="strong"><Money amount={o.expected} currency={t.currency} /></span>}
            {!o.refused && (
              <ul className="quiet small">
                {o.parts.map((p) => (
                  <li key={p.what}>
                    {p.what} <Money amount={p.amount} currency={t.currency} />
                    {p.chance_ppm < 1_000_000 && <> × {percentOf(p.chance_ppm)} %</>}
                  </li>
                ))}
              </ul>
            )}
          </div>
        ))}
      </div>
    </Card>
  );
}

function About({ of: t }: { of: Trouble }) {
  return (
    <Card title="About">
      <div className="stack">
        <Facts
          facts={[
            ["Why", t.why],
            ["Caused by", t.cause && words(t.cause)],
            ["Owner", t.assigned_to ?? "Nobody"],
            ["Paid for the goods", <Money key="value" amount={t.goods_value} currency={t.currency} />],
            ["They cost us", <Money key="cost" amount={t.goods_cost} currency={t.currency} />],
            ["Last action", t.action && (ACTIONS[t.action] ?? t.action)],
            ["Sent again as", t.replacement_id && <Link key="again" className="link" to={`/orders/${t.replacement_id}`}>{t.replacement_number}</Link>],
            ["Refunded", t.refund_asked ? <Money key="money" amount={t.refunded} currency={t.currency} /> : null],
            ["Customer asked", t.contacted_at && <When key="asked" at={t.contacted_at} />],
            ["Resolved", t.resolved_at && <When key="over" at={t.resolved_at} />],
            ["How", t.resolution],
          ]}
        />
        {t.action_error && <p className="minus">{t.action_error}</p>}
      </div>
    </Card>
  );
}

function ClaimsOf({ trouble: t }: { trouble: Trouble }) {
  const claims = useQuery({
    queryKey: ["carrier-claims", "of", t.id],
    queryFn: () => answer(api.GET("/api/v1/carrier-claims", { params: { query: { exception_id_eq: t.id } } })),
  });
  if (!claims.data?.data.length) return null;
  return (
    <Card title="Claims" count={claims.data.data.length}>
      <ul className="stack tight">
        {claims.data.data.map((c) => (
          <li key={c.id} className="row wrap">
            <Link className="link" to={claimHref(c.id)}>{c.number}</Link> <Chip state={c.status} /> <Money amount={c.amount} currency={c.currency} />
          </li>
        ))}
      </ul>
    </Card>
  );
}
