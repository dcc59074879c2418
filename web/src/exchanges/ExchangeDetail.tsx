import { useQuery } from "@tanstack/react-query";
import { Ban, Check, Hand, PackageCheck, RotateCw } from "lucide-react";
import { Link, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { Actions, type Verb } from "@/parts/Actions";
import { Chip } from "@/parts/Chip";
import { History } from "@/parts/History";
import { Money } from "@/parts/Money";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { Loaded } from "@/parts/states";
import { backTo, Neighbours } from "@/parts/walk";
import { When } from "@/parts/When";
import { Lines, titleOf, useReturn } from "@/returns/ReturnDetail";
import { returnHref } from "@/returns/return";
import { SkuLink } from "@/stock/stock";
import { balanceText, exchangeHref, type WholeExchange } from "./exchange";
import { Approve, CancelIt, HoldAnew, OrderAnew } from "./Steps";

const VERBS: Record<string, Verb<WholeExchange>> = {
  approve: { label: "Approve", icon: Check, tone: "primary", scope: "refund_payments", dialog: Approve },
  order: { label: "Order the goods again", icon: RotateCw, tone: "primary", scope: "write_orders", dialog: OrderAnew },
  hold: { label: "Hold the goods anew", icon: Hand, scope: "write_orders", dialog: HoldAnew },
  receive: { label: "Receive and grade", icon: PackageCheck, tone: "primary", scope: "write_stock", to: (x) => `${returnHref(x.return_id)}/receive` },
  cancel: { label: "Cancel", icon: Ban, scope: "write_orders", dialog: CancelIt },
};

export function ExchangeDetail() {
  const { id = "" } = useParams();
  const asked = useQuery({
    queryKey: ["exchanges", "detail", id],
    queryFn: () => answer(api.GET("/api/v1/exchanges/{exchange_id}", { params: { path: { exchange_id: id } } })),
  });
  const crumbs = [{ label: "Exchanges", to: backTo("exchanges", "/exchanges") }];
  return (
    <Loaded query={asked} frame={(inside) => <Page title="Exchange" crumbs={crumbs}>{inside}</Page>}>
      {(x) => (
        <Page
          title={x.number}
          crumbs={crumbs}
          chips={
            <>
              <Chip state={x.status} />
              {x.instant && <Chip state="instant" tone="accent" label="New goods leave first" />}
              {(x.owed ?? 0) > 0 && <Chip state="owed" tone="warn" label="Still owed" />}
            </>
          }
          about={
            <>
              Of order <Link className="link" to={`/orders/${x.order_id}`}>{x.order_number}</Link> · asked for <When at={x.created_at} />
            </>
          }
          actions={<Steps of={x} />}
        >
          <Columns
            main={
              <>
                {x.problem && <Card title="To see to"><p className="minus">{x.problem}</p></Card>}
                <ComesBack of={x} />
                <GoesOut of={x} />
              </>
            }
            side={
              <>
                <Balance of={x} />
                <Card title="About">
                  <Facts
                    facts={[
                      ["Decision", x.decision],
                      ["Decided", x.decided_at && <When key="decided" at={x.decided_at} />],
                      ["New goods held until", x.held_until && <When key="held" at={x.held_until} />],
                      ["Difference paid with", x.provider],
                      ["Note", x.note],
                    ]}
                  />
                </Card>
                <Card title="History">
                  <History entries={x.history.map((h) => ({ at: h.at, actor: h.actor, why: h.why, title: titleOf(h) }))} />
                </Card>
              </>
            }
          />
        </Page>
      )}
    </Loaded>
  );
}

/** The steps of both halves: what comes back is received here too. */
function Steps({ of: x }: { of: WholeExchange }) {
  const back = useReturn(x.return_id);
  const receive = back.data?.next.includes("receive") ? ["receive"] : [];
  return (
    <>
      <Neighbours resource="exchanges" id={x.id} href={exchangeHref} />
      <Actions record={x} next={[...x.next, ...receive]} verbs={VERBS} />
    </>
  );
}

function ComesBack({ of: x }: { of: WholeExchange }) {
  const back = useReturn(x.return_id);
  return (
    <>
      <div className="row apart">
        <span className="strong">Comes back</span>
        <span className="row"><Chip state={x.return_status} /><Link className="link" to={returnHref(x.return_id)}>{x.return_number}</Link></span>
      </div>
      <Loaded query={back}>{(r) => <Lines of={r} />}</Loaded>
    </>
  );
}

function GoesOut({ of: x }: { of: WholeExchange }) {
  const money = (amount: number) => <Money amount={amount} currency={x.currency} />;
  return (
    <Card
      title="Goes out"
      count={x.goods.length}
      flush
      action={x.replacement_id && <Link className="link" to={`/orders/${x.replacement_id}`}>Order {x.replacement_number}</Link>}
    >
      <Rows
        rows={x.goods}
        keyOf={(g) => String(g.no)}
        columns={[
          { id: "sku", label: "Item", grow: true, render: (g) => <><span className="strong">{g.title}</span><p className="small"><SkuLink sku={g.sku} /></p>{g.for_line && <p className="faint small">In place of line {g.for_line}, at its worth</p>}</> },
          { id: "quantity", label: "Units", align: "right", render: (g) => g.quantity },
          { id: "unit_amount", label: "Price", align: "right", wide: true, render: (g) => money(g.unit_amount) },
          { id: "total", label: "Total", align: "right", render: (g) => money(g.total) },
        ]}
      />
    </Card>
  );
}

function Balance({ of: x }: { of: WholeExchange }) {
  const money = (amount: number, strong = false) => <Money amount={amount} currency={x.currency} strong={strong} />;
  return (
    <Card title="Balance">
      <Facts
        facts={[
          ["New goods", money(x.new_total - x.shipping)],
          ["Their shipping", x.shipping ? money(x.shipping) : null],
          ["Worth of the old, less fees", money(-x.worth)],
          [balanceText(x.balance), money(Math.abs(x.balance), true)],
          [x.security_taken_at ? "Taken of the card" : "Held on the card", x.secured ? money(x.secured) : null],
          ["Until", x.secured_until && !x.security_taken_at && x.status === "approved" ? <When key="secured" at={x.secured_until} /> : null],
          ["Still owed", x.owed ? <span key="owed" className="minus">{money(x.owed)}</span> : null],
        ]}
      />
    </Card>
  );
}
