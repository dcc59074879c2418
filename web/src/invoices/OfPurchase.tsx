import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { answer, api } from "@/api/client";
import { Chip } from "@/parts/Chip";
import { Money } from "@/parts/Money";
import { Card } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { Loaded } from "@/parts/states";
import type { Purchase } from "@/purchases/PurchaseList";
import { creditHref } from "./credit";
import { EnterCreditButton } from "./EnterCredit";
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

/** What the supplier has given back of an order, and what it still owes. Without a bill there is nothing to give back. */
export function CreditsOf({ purchase: p }: { purchase: Purchase }) {
  const query = { purchase_id_eq: p.id };
  const asked = useQuery({
    queryKey: ["supplier-credits", "of", p.id],
    queryFn: async () => {
      const [credits, owed, invoices] = await Promise.all([
        answer(api.GET("/api/v1/supplier-credits", { params: { query } })),
        answer(api.GET("/api/v1/supplier-claims", { params: { query } })),
        answer(api.GET("/api/v1/supplier-invoices", { params: { query } })),
      ]);
      return { credits: credits.data, owed: owed.data, invoices: invoices.data };
    },
  });
  const known = asked.data;
  if (known?.invoices.length === 0) return null;
  return (
    <Card title="Credit notes" flush action={known && <EnterCreditButton purchase={p} invoices={known.invoices} owed={known.owed} />}>
      <Loaded query={asked}>
        {({ credits, owed }) => (
          <>
            {owed.map((c) => (
              <p key={c.line_no} className="card-line">
                Owed of <span className="strong mono">{c.sku}</span>: {c.owed_units > 0 && `${c.owed_units} units, `}
                <Money strong amount={c.owed} currency={c.currency} />
              </p>
            ))}
            {owed.length === 0 && credits.length === 0 && <p className="quiet card-line">Nothing is owed.</p>}
            {credits.length > 0 && (
              <Rows
                rows={credits}
                keyOf={(c) => c.id}
                columns={[
                  { id: "number", label: "Credit note", grow: true, render: (c) => <Link className="link" to={creditHref(c.id)}>{c.number}</Link> },
                  { id: "invoice", label: "Of invoice", render: (c) => c.invoice },
                  { id: "status", label: "Status", render: (c) => <Chip state={c.status} /> },
                  { id: "total", label: "Total", align: "right", render: (c) => <Money amount={c.total} currency={c.currency} /> },
                ]}
              />
            )}
          </>
        )}
      </Loaded>
    </Card>
  );
}
