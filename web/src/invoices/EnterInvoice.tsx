import Button from "@mui/material/Button";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { MoneyIn, NumberIn, TextIn } from "@/parts/fields";
import { useCan } from "@/parts/scopes";
import type { Purchase } from "@/purchases/PurchaseList";
import { invoiceBody, invoiceValues, type InvoiceValues } from "./form";
import { invoiceHref, TOUCHES } from "./invoice";

export function EnterInvoiceButton({ purchase }: { purchase: Purchase }) {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_purchasing")) return null;
  return (
    <>
      <Button startIcon={<Plus size={14} />} onClick={() => setOpen(true)}>
        Enter an invoice
      </Button>
      {isOpen && <EnterInvoice purchase={purchase} close={() => setOpen(false)} />}
    </>
  );
}

/** What the supplier has written, in the order of the order's lines. */
function EnterInvoice({ purchase: p, close }: { purchase: Purchase; close: () => void }) {
  const navigate = useNavigate();
  const enter = useWrite(
    (body: Shape<"NewSupplierInvoice">, once) =>
      answer(api.POST("/api/v1/purchase-orders/{purchase_id}/invoices", { params: { path: { purchase_id: p.id } }, body, ...once })),
    { touches: TOUCHES, done: ({ id }) => void navigate(invoiceHref(id)) },
  );
  return (
    <Ask<InvoiceValues, Shape<"NewSupplierInvoice">>
      title={`An invoice of ${p.supplier} for ${p.number}`}
      about="As it is printed. What differs from the order and from what has come is shown afterwards."
      verb="Enter it"
      width="md"
      values={invoiceValues(p)}
      input={(values) => invoiceBody(values, p)}
      write={enter}
      close={close}
    >
      <div className="form-grid">
        <TextIn name="number" label="Their number" required autoFocus mono />
        <TextIn name="billed_on" label="Dated" type="date" required />
        <TextIn name="due_on" label="Due" type="date" help="Empty: after their days to pay" />
      </div>
      {p.lines.map((l) => (
        <fieldset key={l.line_no} className="form-grid" aria-label={l.sku}>
          <div>
            <span className="strong mono">{l.sku}</span>
            <p className="faint small">{l.received} of {l.ordered} have come</p>
          </div>
          <NumberIn name={`lines.l${l.line_no}.units`} label="Billed units" min={0} />
          <MoneyIn name={`lines.l${l.line_no}.unit_cost`} label="Unit cost" currency={p.currency} />
          <MoneyIn name={`lines.l${l.line_no}.total`} label="Line total" currency={p.currency} help="Empty: units × unit cost" />
        </fieldset>
      ))}
      <div className="form-grid">
        <MoneyIn name="charges" label="Charges" currency={p.currency} />
        <MoneyIn name="tax" label="Tax" currency={p.currency} />
        <MoneyIn name="total" label="Total" currency={p.currency} required help="As printed" />
      </div>
    </Ask>
  );
}
