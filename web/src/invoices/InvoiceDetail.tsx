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
import type { Purchase } from "@/purchases/PurchaseList";
import { SkuLink } from "@/stock/stock";
import { SupplierLink } from "@/suppliers/supplier";
import { differencesOf, invoiceHref, remaining, type Invoice } from "./invoice";
import { Accept, Approve, CancelIt, Dispute, Pay } from "./Steps";

const VERBS: Record<string, Verb<Invoice>> = {
  approved: { label: "Approve", icon: Stamp, tone: "primary", scope: "write_purchasing", dialog: Approve },
  paid: { label: "Paid", icon: Banknote, tone: "primary", scope: "write_purchasing", dialog: Pay },
  disputed: { label: "Dispute", icon: MessageCircleWarning, scope: "write_purchasing", dialog: Dispute },
  cancelled: { label: "Cancel", icon: Ban, scope: "write_purchasing", dialog: CancelIt },
};
const DIFFERING: Record<string, Verb<Invoice>> = {
  ...VERBS,
  approved: { label: "Accept differences", icon: Stamp, scope: "accept_differences", dialog: Accept },
};

export function InvoiceDetail() {
  const { id = "" } = useParams();
  const asked = useQuery({
    queryKey: ["supplier-invoices", "detail", id],
    queryFn: () => answer(api.GET("/api/v1/supplier-invoices/{invoice_id}", { params: { path: { invoice_id: id } } })),
  });
  const crumbs = [{ label: "Supplier invoices", to: backTo("supplier-invoices", "/invoices") }];
  return (
    <Loaded query={asked} frame={(inside) => <Page title="Supplier invoice" crumbs={crumbs}>{inside}</Page>}>
      {(i) => (
        <Page
          title={i.number}
          crumbs={crumbs}
          chips={<Chip state={i.status} />}
          about={
            <>
              <SupplierLink supplier={i.supplier} /> · of <Link className="link" to={`/purchases/${i.purchase_id}`}>{i.purchase}</Link> · entered{" "}
              <When at={i.created_at} />
            </>
          }
          actions={
            <>
              <Neighbours resource="supplier-invoices" id={i.id} href={invoiceHref} />
              <Actions record={i} next={i.next} verbs={remaining(i).length > 0 ? DIFFERING : VERBS} />
            </>
          }
        >
          <Columns main={<Beside of={i} />} side={<Around of={i} />} />
        </Page>
      )}
    </Loaded>
  );
}

function Beside({ of: i }: { of: Invoice }) {
  const asked = useQuery({
    queryKey: ["purchase-orders", "detail", i.purchase_id],
    queryFn: () => answer(api.GET("/api/v1/purchase-orders/{purchase_id}", { params: { path: { purchase_id: i.purchase_id } } })),
  });
  return (
    <>
      <Card title="Ordered, received, billed" flush>
        <Loaded query={asked}>{(purchase) => <Match of={i} purchase={purchase} />}</Loaded>
      </Card>
      <Differences of={i} />
    </>
  );
}

/** Each line of the invoice beside the line of the order that it is for. */
export function Match({ of: i, purchase }: { of: Invoice; purchase: Purchase }) {
  const lines = i.lines.map((billed) => {
    const bought = purchase.lines.find((l) => l.line_no === billed.purchase_line);
    return { ...billed, ordered: bought?.ordered, received: bought?.received, ordered_at: bought?.unit_cost };
  });
  return (
    <Rows
      rows={lines}
      keyOf={(l) => String(l.purchase_line)}
      columns={[
        { id: "sku", label: "SKU", grow: true, render: (l) => <SkuLink sku={l.sku} /> },
        { id: "ordered", label: "Ordered", align: "right", render: (l) => l.ordered },
        { id: "received", label: "Received", align: "right", render: (l) => l.received },
        { id: "quantity", label: "Billed", align: "right", render: (l) => <span className="strong">{l.quantity}</span> },
        { id: "ordered_at", label: "Ordered at", align: "right", render: (l) => l.ordered_at !== undefined && <Money amount={l.ordered_at} currency={i.currency} /> },
        { id: "unit_cost", label: "Billed at", align: "right", render: (l) => <Money amount={l.unit_cost} currency={i.currency} /> },
        { id: "total", label: "Total", align: "right", render: (l) => <Money amount={l.total} currency={i.currency} /> },
      ]}
      foot={[null, null, null, null, null, "Lines", <Money key="subtotal" amount={i.subtotal} currency={i.currency} />]}
    />
  );
}

/** Each difference with the server's arithmetic; red is what is not let through unasked. */
export function Differences({ of: i }: { of: Invoice }) {
  const found = differencesOf(i);
  return (
    <Card title="What differs" count={found.length}>
      {found.length === 0 && <p className="quiet">It is what was ordered and has come.</p>}
      {found.map((d) => (
        <p key={`${d.kind}${d.line_no ?? ""}`} className={d.within ? "quiet" : "bad"}>
          <span className="strong">{d.sku ?? words(d.kind)}</span> {d.why}
        </p>
      ))}
    </Card>
  );
}

function Around({ of: i }: { of: Invoice }) {
  return (
    <Card title="About">
      <Facts
        facts={[
          ["Charges", i.charges ? <Money key="charges" amount={i.charges} currency={i.currency} /> : null],
          ["Tax", i.tax ? <Money key="tax" amount={i.tax} currency={i.currency} /> : null],
          ["Total", <Money key="total" strong amount={i.total} currency={i.currency} />],
          ["Dated", i.billed_on],
          ["Due", i.due_on],
          ["Disputed", i.disputed_why],
          ["Approved", i.approved_at && <When key="approved" at={i.approved_at} />],
          ["Differences accepted", i.accepted_why],
          ["Paid", i.paid_on],
          ["Transfer", i.payment_reference],
        ]}
      />
    </Card>
  );
}
