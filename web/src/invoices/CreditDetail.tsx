import { useQuery } from "@tanstack/react-query";
import { Ban, Banknote, MessageCircleWarning, Stamp } from "lucide-react";
import { Link, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { Actions, type Verb } from "@/parts/Actions";
import { Chip, words } from "@/parts/Chip";
import { Money } from "@/parts/Money";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { Loaded } from "@/parts/states";
import { backTo, Neighbours } from "@/parts/walk";
import { When } from "@/parts/When";
import { SkuLink } from "@/stock/stock";
import { SupplierLink } from "@/suppliers/supplier";
import { creditDifferences, creditHref, creditRemaining, type Credit } from "./credit";
import { CancelCredit, DisputeCredit, Settle, TakeAllTheSame, TakeIt } from "./CreditSteps";
import { invoiceHref } from "./invoice";

const VERBS: Record<string, Verb<Credit>> = {
  approved: { label: "Take it", icon: Stamp, tone: "primary", scope: "write_purchasing", dialog: TakeIt },
  settled: { label: "Settled", icon: Banknote, tone: "primary", scope: "write_purchasing", dialog: Settle },
  disputed: { label: "Dispute", icon: MessageCircleWarning, scope: "write_purchasing", dialog: DisputeCredit },
  cancelled: { label: "Cancel", icon: Ban, scope: "write_purchasing", dialog: CancelCredit },
};
const DIFFERING: Record<string, Verb<Credit>> = {
  ...VERBS,
  approved: { label: "Take it all the same", icon: Stamp, scope: "accept_differences", dialog: TakeAllTheSame },
};

export function CreditDetail() {
  const { id = "" } = useParams();
  const asked = useQuery({
    queryKey: ["supplier-credits", "detail", id],
    queryFn: () => answer(api.GET("/api/v1/supplier-credits/{credit_id}", { params: { path: { credit_id: id } } })),
  });
  const crumbs = [{ label: "Credit notes", to: backTo("supplier-credits", "/invoices/credits") }];
  return (
    <Loaded query={asked} frame={(inside) => <Page title="Credit note" crumbs={crumbs}>{inside}</Page>}>
      {(c) => (
        <Page
          title={c.number}
          crumbs={crumbs}
          chips={<Chip state={c.status} />}
          about={
            <>
              <SupplierLink supplier={c.supplier} /> · of <Link className="link" to={`/purchases/${c.purchase_id}`}>{c.purchase}</Link>
              {c.invoice_id && <>, <Link className="link" to={invoiceHref(c.invoice_id)}>{c.invoice}</Link></>} · entered <When at={c.created_at} />
            </>
          }
          actions={
            <>
              <Neighbours resource="supplier-credits" id={c.id} href={creditHref} />
              <Actions record={c} next={c.next} verbs={creditRemaining(c).length > 0 ? DIFFERING : VERBS} />
            </>
          }
        >
          <Columns main={<GivenBack of={c} />} side={<Around of={c} />} />
        </Page>
      )}
    </Loaded>
  );
}

/** What it gives back, and each difference from what is owed with the server's arithmetic. */
export function GivenBack({ of: c }: { of: Credit }) {
  const found = creditDifferences(c);
  return (
    <>
      <Card title="Given back" flush>
        <Rows
          rows={c.lines}
          keyOf={(l) => String(l.no)}
          columns={[
            { id: "sku", label: "SKU", grow: true, render: (l) => <SkuLink sku={l.sku} /> },
            { id: "quantity", label: "Units", align: "right", render: (l) => l.quantity || "off the price" },
            { id: "unit_cost", label: "Each", align: "right", render: (l) => l.quantity > 0 && <Money amount={l.unit_cost} currency={c.currency} /> },
            { id: "total", label: "Total", align: "right", render: (l) => <Money amount={l.total} currency={c.currency} /> },
          ]}
          foot={[null, null, "Lines", <Money key="subtotal" amount={c.subtotal} currency={c.currency} />]}
        />
      </Card>
      <Card title="What differs" count={found.length}>
        {found.length === 0 && <p className="quiet">It is what is owed.</p>}
        {found.map((d) => (
          <p key={`${d.kind}${d.line_no ?? ""}`} className={d.within ? "quiet" : "bad"}>
            <span className="strong">{d.sku ?? words(d.kind)}</span> {d.why}
          </p>
        ))}
      </Card>
    </>
  );
}

function Around({ of: c }: { of: Credit }) {
  return (
    <Card title="About">
      <Facts
        facts={[
          ["Charges", c.charges ? <Money key="charges" amount={c.charges} currency={c.currency} /> : null],
          ["Other", c.other ? <Money key="other" amount={c.other} currency={c.currency} /> : null],
          ["Tax", c.tax ? <Money key="tax" amount={c.tax} currency={c.currency} /> : null],
          ["Total", <Money key="total" strong amount={c.total} currency={c.currency} />],
          ["Dated", c.credited_on],
          ["Disputed", c.disputed_why],
          ["Taken all the same", c.accepted_why],
          ["Settled", c.settled_on],
          ["With", c.settlement_reference],
        ]}
      />
    </Card>
  );
}
