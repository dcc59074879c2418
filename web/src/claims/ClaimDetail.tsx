import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { Ban, Camera, Check, RotateCw, X } from "lucide-react";
import { useRef } from "react";
import { Link, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { useWrite } from "@/api/write";
import { Actions, type Verb } from "@/parts/Actions";
import { Chip, words } from "@/parts/Chip";
import { History } from "@/parts/History";
import { Money } from "@/parts/Money";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { useCan } from "@/parts/scopes";
import { Loaded, ProblemNote } from "@/parts/states";
import { backTo, Neighbours } from "@/parts/walk";
import { When } from "@/parts/When";
import { titleOf } from "@/returns/ReturnDetail";
import { SkuLink } from "@/stock/stock";
import { claimHref, TOUCHES, WRONG, type ClaimReason, type WholeClaim } from "./claim";
import { Approve, CancelIt, Deny, RefundAgain } from "./Steps";

const VERBS: Record<string, Verb<WholeClaim>> = {
  approve: { label: "Make it good", icon: Check, tone: "primary", scope: "refund_payments", dialog: Approve },
  refund: { label: "Refund again", icon: RotateCw, tone: "primary", scope: "refund_payments", dialog: RefundAgain },
  deny: { label: "Deny", icon: X, scope: "refund_payments", dialog: Deny },
  cancel: { label: "Cancel", icon: Ban, scope: "write_orders", dialog: CancelIt },
};

export function ClaimDetail() {
  const { id = "" } = useParams();
  const asked = useQuery({
    queryKey: ["claims", "detail", id],
    queryFn: () => answer(api.GET("/api/v1/claims/{claim_id}", { params: { path: { claim_id: id } } })),
  });
  const crumbs = [{ label: "Claims", to: backTo("claims", "/claims") }];
  return (
    <Loaded query={asked} frame={(inside) => <Page title="Claim" crumbs={crumbs}>{inside}</Page>}>
      {(c) => (
        <Page
          title={c.number}
          crumbs={crumbs}
          chips={
            <>
              <Chip state={c.status} />
              <Chip state={c.resolution} tone="mute" label={words(c.resolution)} />
            </>
          }
          about={
            <>
              Of order <Link className="link" to={`/orders/${c.order_id}`}>{c.order_number}</Link> · opened <When at={c.created_at} />
            </>
          }
          actions={
            <>
              <Neighbours resource="claims" id={c.id} href={claimHref} />
              <Actions record={c} next={c.next} verbs={VERBS} />
            </>
          }
        >
          <Columns
            main={
              <>
                {c.problem && <Card title="To see to"><p className="minus">{c.problem}</p></Card>}
                <Lines of={c} />
                <Pictures of={c} />
              </>
            }
            side={
              <>
                <Made of={c} />
                <Card title="About">
                  <Facts
                    facts={[
                      ["Decision", c.decision],
                      ["Decided", c.decided_at && <When key="decided" at={c.decided_at} />],
                      ["Refund goes", c.refund_to === "store_credit" ? "To store credit" : "The way it was paid"],
                      ["Note", c.note],
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

function Lines({ of: c }: { of: WholeClaim }) {
  const money = (amount: number) => <Money amount={amount} currency={c.currency} />;
  return (
    <Card title="What is wrong" count={c.lines.length} flush>
      <Rows
        rows={c.lines}
        keyOf={(l) => String(l.line_no)}
        columns={[
          { id: "sku", label: "Item", grow: true, render: (l) => <><span className="strong">{l.title}</span><p className="small"><SkuLink sku={l.sku} /></p><p className="faint small">{WRONG[l.reason as ClaimReason]}{l.remark && `: ${l.remark}`}</p></> },
          { id: "quantity", label: "Units", align: "right", render: (l) => l.quantity },
          { id: "replaced", label: "Sent once more", align: "right", render: (l) => l.replaced || <span className="faint">0</span> },
          { id: "credited_total", label: "Paid back", align: "right", render: (l) => money(l.credited_total - l.replaced_total) },
        ]}
      />
    </Card>
  );
}

function Made({ of: c }: { of: WholeClaim }) {
  const money = (amount: number) => <Money amount={amount} currency={c.currency} />;
  return (
    <Card title="Made good">
      <div className="stack">
        <Facts
          facts={[
            ["Owed", money(c.credit - c.kept)],
            ["Of it shipping", c.shipping ? money(c.shipping) : null],
            ["Given back", money(c.refunded - c.moved)],
            ["Refunded by hand before", c.counted ? money(c.counted) : null],
            ["Missing", c.due ? <span key="due" className="minus">{money(c.due)}</span> : null],
            ["Goods sent once more, worth", c.kept ? money(c.kept) : null],
            ["Their order", c.replacement_id && <Link key="order" className="link" to={`/orders/${c.replacement_id}`}>{c.replacement_number}</Link>],
          ]}
        />
        {c.refund_error && <p className="minus">{c.refund_error}</p>}
      </div>
    </Card>
  );
}

function Pictures({ of: c }: { of: WholeClaim }) {
  const can = useCan();
  const picked = useRef<HTMLInputElement>(null);
  const add = useWrite(
    (file: File, once) =>
      answer(
        api.POST("/api/v1/claims/{claim_id}/photos", {
          params: { path: { claim_id: c.id } },
          body: file as never,
          bodySerializer: (body) => body as never,
          headers: { ...once.headers, "Content-Type": file.type },
        }),
      ),
    { touches: TOUCHES },
  );
  return (
    <Card
      title="Photos"
      count={c.pictures.length}
      action={
        can("write_orders") && (
          <>
            <input
              ref={picked}
              type="file"
              accept="image/jpeg,image/png,image/webp"
              hidden
              aria-label="Photo of what is wrong"
              onChange={(event) => {
                const file = event.target.files?.[0];
                if (file) add.mutate(file);
                event.target.value = "";
              }}
            />
            <Button startIcon={<Camera size={14} />} loading={add.isPending} onClick={() => picked.current?.click()}>
              Add a photo
            </Button>
          </>
        )
      }
    >
      <ProblemNote problem={add.error} />
      {c.pictures.length === 0 && <p className="quiet">Nobody has added one.</p>}
      <div className="row wrap">
        {c.pictures.map((p) => (
          <a key={p.id} href={`/api/v1/claims/${c.id}/photos/${p.id}`} target="_blank" rel="noreferrer">
            <img src={`/api/v1/claims/${c.id}/photos/${p.id}`} alt="What is wrong" height={120} />
          </a>
        ))}
      </div>
    </Card>
  );
}
