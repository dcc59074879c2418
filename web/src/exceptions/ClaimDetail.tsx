import { useQuery } from "@tanstack/react-query";
import { BadgeDollarSign, Ban, Check, Paperclip, Send, X } from "lucide-react";
import { Link, useParams } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Actions, type Verb, type VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { AskReason } from "@/parts/AskReason";
import { Chip } from "@/parts/Chip";
import { MoneyIn, TextIn, YesNo } from "@/parts/fields";
import { History } from "@/parts/History";
import { decimal, minorUnits, Money } from "@/parts/Money";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { useSeen } from "@/parts/seen";
import { Empty, Loaded } from "@/parts/states";
import { backTo, Neighbours } from "@/parts/walk";
import { When } from "@/parts/When";
import { titleOf } from "@/returns/ReturnDetail";
import { claimHref, exceptionHref, KINDS, TOUCHES, toneOf, type WholeClaim as Claim } from "./exception";

type Piece = { what: string; reference: string | null; by: string; at: string };
const evidenceOf = (c: Claim) => c.evidence as Piece[];
const path = (c: Claim) => ({ params: { path: { claim_id: c.id } } });

function Evidence({ record: c, close }: VerbProps<Claim>) {
  const seen = useSeen(c.version);
  const add = useWrite(
    (body: Shape<"ClaimEvidence">, once) => answer(api.POST("/api/v1/carrier-claims/{claim_id}/evidence", { ...path(c), body, ...once })),
    { touches: TOUCHES },
  );
  return (
    <Ask<{ what: string; reference: string }, Shape<"ClaimEvidence">>
      title={`Evidence for ${c.number}`}
      about="What proves it, and where it is kept: a photo, the invoice of the goods, a letter."
      verb="Add it"
      values={{ what: "", reference: "" }}
      input={({ what, reference }) => ({ what, reference: reference.trim() || null, version: seen.version })}
      write={add}
      close={close}
      seen={seen}
      what="claim"
    >
      <TextIn name="what" label="What it is" required autoFocus />
      <TextIn name="reference" label="Where it is kept" />
    </Ask>
  );
}

function FileIt({ record: c, close }: VerbProps<Claim>) {
  const seen = useSeen(c.version);
  const file = useWrite(
    (body: Shape<"ClaimFiled">, once) => answer(api.POST("/api/v1/carrier-claims/{claim_id}/file", { ...path(c), body, ...once })),
    { touches: TOUCHES },
  );
  return (
    <Ask<{ reference: string; amount: string; late: boolean }, Shape<"ClaimFiled">>
      title={`File ${c.number}`}
      about={`It was sent to ${c.carrier}, which takes it until ${c.file_by}.`}
      verb="It is filed"
      values={{ reference: "", amount: decimal(c.amount, c.currency), late: false }}
      input={({ reference, amount, late }) => ({ reference, amount: minorUnits(amount, c.currency), late, version: seen.version })}
      write={file}
      close={close}
      seen={seen}
      what="claim"
    >
      <TextIn name="reference" label="The carrier's number" required autoFocus mono />
      <MoneyIn name="amount" label="Amount" currency={c.currency} required />
      <YesNo name="late" label="It is past its last day" />
    </Ask>
  );
}

function Accept({ record: c, close }: VerbProps<Claim>) {
  const seen = useSeen(c.version);
  const accept = useWrite(
    (body: Shape<"ClaimAccepted">, once) => answer(api.POST("/api/v1/carrier-claims/{claim_id}/accept", { ...path(c), body, ...once })),
    { touches: TOUCHES },
  );
  return (
    <Ask<{ reason: string; amount: string }, Shape<"ClaimAccepted">>
      title={`${c.carrier} accepts ${c.number}`}
      verb="It will pay"
      values={{ reason: "", amount: decimal(c.amount, c.currency) }}
      input={({ reason, amount }) => ({ reason, amount: minorUnits(amount, c.currency), version: seen.version })}
      write={accept}
      close={close}
      seen={seen}
      what="claim"
    >
      <MoneyIn name="amount" label="Amount" currency={c.currency} required />
      <TextIn name="reason" label="What it said" required autoFocus />
    </Ask>
  );
}

function Pay({ record: c, close }: VerbProps<Claim>) {
  const seen = useSeen(c.version);
  const pay = useWrite(
    (body: Shape<"ClaimPayment">, once) => answer(api.POST("/api/v1/carrier-claims/{claim_id}/pay", { ...path(c), body, ...once })),
    { touches: TOUCHES },
  );
  return (
    <Ask<{ amount: string; paid_on: string; reference: string }, Shape<"ClaimPayment">>
      title={`Money for ${c.number}`}
      verb="It came"
      values={{ amount: decimal(c.accepted, c.currency), paid_on: new Date().toISOString().slice(0, 10), reference: "" }}
      input={({ amount, paid_on, reference }) => ({ amount: minorUnits(amount, c.currency) ?? 0, paid_on, reference, version: seen.version })}
      write={pay}
      close={close}
      seen={seen}
      what="claim"
    >
      <MoneyIn name="amount" label="Amount" currency={c.currency} required autoFocus />
      <TextIn name="paid_on" label="On" type="date" required />
      <TextIn name="reference" label="Of the transfer" required mono />
    </Ask>
  );
}

function Reject({ record: c, close }: VerbProps<Claim>) {
  return (
    <AskReason
      title={`${c.carrier} rejects ${c.number}`}
      about="It may be filed again, with better evidence."
      verb="It will not pay"
      of={c}
      what="claim"
      write={(body, once) => answer(api.POST("/api/v1/carrier-claims/{claim_id}/reject", { ...path(c), body, ...once }))}
      touches={["carrier-claims", "parcel-exceptions"]}
      close={close}
    />
  );
}

function WriteOff({ record: c, close }: VerbProps<Claim>) {
  return (
    <AskReason
      title={`Write off ${c.number}`}
      about="We ask no more. The parcel may be claimed anew."
      verb="Write it off"
      tone="error"
      of={c}
      what="claim"
      write={(body, once) => answer(api.POST("/api/v1/carrier-claims/{claim_id}/write-off", { ...path(c), body, ...once }))}
      touches={["carrier-claims", "parcel-exceptions"]}
      close={close}
    />
  );
}

const VERBS: Record<string, Verb<Claim>> = {
  file: { label: "File", icon: Send, tone: "primary", scope: "write_shipping", dialog: FileIt },
  accept: { label: "Accepted", icon: Check, tone: "primary", scope: "write_shipping", dialog: Accept },
  pay: { label: "Book the money", icon: BadgeDollarSign, tone: "primary", scope: "write_payments", dialog: Pay },
  reject: { label: "Rejected", icon: X, scope: "write_shipping", dialog: Reject },
  evidence: { label: "Evidence", icon: Paperclip, scope: "write_shipping", dialog: Evidence },
  write_off: { label: "Write off", icon: Ban, scope: "write_shipping", dialog: WriteOff },
};

export function ClaimDetail() {
  const { id = "" } = useParams();
  const asked = useQuery({
    queryKey: ["carrier-claims", "detail", id],
    queryFn: () => answer(api.GET("/api/v1/carrier-claims/{claim_id}", { params: { path: { claim_id: id } } })),
  });
  const crumbs = [{ label: "Claims to carriers", to: backTo("carrier-claims", "/exceptions/claims") }];
  return (
    <Loaded query={asked} frame={(inside) => <Page title="Claim" crumbs={crumbs}>{inside}</Page>}>
      {(c) => (
        <Page
          title={c.number}
          crumbs={crumbs}
          chips={
            <>
              <Chip state={c.status} />
              <Chip state={c.kind} tone={toneOf(c.kind)} label={KINDS[c.kind]} />
            </>
          }
          about={<>To {c.carrier} for parcel <code>{c.tracking_number}</code> of order <Link className="link" to={`/orders/${c.order_id}`}>{c.order_number}</Link></>}
          actions={
            <>
              <Neighbours resource="carrier-claims" id={c.id} href={claimHref} />
              <Actions record={c} next={c.next} verbs={VERBS} />
            </>
          }
        >
          <Columns
            main={
              <Card title="Evidence" count={evidenceOf(c).length}>
                {evidenceOf(c).length === 0 ? (
                  <Empty title="Nothing proves it yet">A carrier asks for photos and for the invoice of the goods.</Empty>
                ) : (
                  <ul className="stack tight">
                    {evidenceOf(c).map((e) => (
                      <li key={e.at}>
                        <span className="strong">{e.what}</span> {e.reference && <span className="quiet">{e.reference}</span>}
                        <p className="faint small"><When at={e.at} /></p>
                      </li>
                    ))}
                  </ul>
                )}
              </Card>
            }
            side={
              <>
                <Card title="Money">
                  <Facts
                    facts={[
                      ["Goods", <Money key="v" amount={c.goods_value} currency={c.currency} />],
                      ["Liable for at most", c.limit === null ? "Their value" : <Money key="l" amount={c.limit} currency={c.currency} />],
                      ["Claimed", <Money key="a" amount={c.amount} currency={c.currency} />],
                      ["Accepted", c.accepted ? <Money key="acc" amount={c.accepted} currency={c.currency} /> : null],
                      ["Paid", c.paid ? <Money key="p" amount={c.paid} currency={c.currency} /> : null],
                    ]}
                  />
                </Card>
                <Card title="About">
                  <Facts
                    facts={[
                      ["Exception", <Link key="x" className="link" to={exceptionHref(c.exception_id)}>Open it</Link>],
                      ["File by", c.file_by],
                      ["Filed", c.filed_at && <When key="f" at={c.filed_at} />],
                      ["The carrier's number", c.reference],
                      ["It said", c.decision],
                      ["Paid on", c.paid_on],
                      ["Transfer", c.payment_reference],
                    ]}
                  />
                </Card>
                <Card title="History">
                  <History entries={c.history.map((h) => ({ at: h.at, actor: h.actor, why: h.why, title: titleOf(h) }))} />
                </Card>
              </>
            }
          />
        </Page>
      )}
    </Loaded>
  );
}
