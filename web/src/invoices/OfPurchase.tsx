import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { answer, api } from "@/api/client";
import { Chip } from "@/parts/Chip";
import { Money } from "@/parts/Money";
import { Card } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { Loaded } from "@/parts/states";
import type { Purchase } from "@/purchases/PurchaseList";
import { EnterInvoiceButton } from "./EnterInvoice";
import { invoiceHref } from "./invoice";

/** What the supplier asks to be paid for an order. */
export function InvoicesOf({ purchase: p }: { purchase: Purchase }) {
  const asked = useQuery({
    queryKey: ["supplier-invoices", "of", p.id],
    queryFn: () => answer(api.GET("/api/v1/supplier-invoices", { params: { query: { purchase_id_eq: p.id } } })),
  });
  return (
    <Card title="Invoices" flush action={p.sent_at && <EnterInvoiceButton purchase={p} />}>
      <Loaded query={asked}>
        {({ data }) =>
          data.length === 0 ? (
            <p className="quiet card-line">Nothing was billed yet.</p>
          ) : (
            <Rows
              rows={data}
              keyOf={(i) => i.id}
              columns={[
                { id: "number", label: "Invoice", grow: true, render: (i) => <Link className="link" to={invoiceHref(i.id)}>{i.number}</Link> },
                { id: "due_on", label: "Due", render: (i) => i.due_on },
                { id: "status", label: "Status", render: (i) => <Chip state={i.status} /> },
                { id: "total", label: "Total", align: "right", render: (i) => <Money amount={i.total} currency={i.currency} /> },
              ]}
            />
          )
        }
      </Loaded>
    </Card>
  );
}
