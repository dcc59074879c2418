import Button from "@mui/material/Button";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { MoneyIn, NumberIn, SelectIn, TextIn } from "@/parts/fields";
import { useCan } from "@/parts/scopes";
import type { Purchase } from "@/purchases/PurchaseList";
import { CREDIT_TOUCHES, creditHref, type Claim } from "./credit";
import { creditBody, creditValues, type CreditValues } from "./form";
import type { Invoice } from "./invoice";

type Props = { purchase: Purchase; invoices: Invoice[]; owed: Claim[] };

export function EnterCreditButton(props: Props) {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_purchasing")) return null;
  return (
    <>
      <Button startIcon={<Plus size={14} />} onClick={() => setOpen(true)}>
        Enter a credit note
      </Button>
      {isOpen && <EnterCredit {...props} close={() => setOpen(false)} />}
    </>
  );
}

/** What the supplier gives back, in the order of the order's lines; it begins with what is owed. */
function EnterCredit({ purchase: p, invoices, owed, close }: Props & { close: () => void }) {
  const navigate = useNavigate();
  const enter = useWrite(
    (body: Shape<"NewSupplierCredit">, once) =>
      answer(api.POST("/api/v1/purchase-orders/{purchase_id}/credits", { params: { path: { purchase_id: p.id } }, body, ...once })),
    { touches: CREDIT_TOUCHES, done: ({ id }) => void navigate(creditHref(id)) },
  );
  const named = invoices.filter((i) => i.status !== "cancelled").map((i) => ({ value: i.id, label: i.number }));
  return (
    <Ask<CreditValues, Shape<"NewSupplierCredit">>
      title={`A credit note of ${p.supplier} for ${p.number}`}
      about="As it is printed, with amounts above zero. It begins with what is owed; what differs from that is shown afterwards."
      verb="Enter it"
      width="md"
      values={creditValues(p, owed)}
      input={(values) => creditBody(values, p)}
      write={enter}
      close={close}
    >
      <div className="form-grid">
        <TextIn name="number" label="Their number" required autoFocus mono />
        <TextIn name="credited_on" label="Dated" type="date" required />
        <SelectIn name="invoice_id" label="Of invoice" choices={[{ value: "", label: "None: of the order" }, ...named]} />
      </div>
      {p.lines.map((l) => (
        <fieldset key={l.line_no} className="form-grid" aria-label={l.sku}>
          <div>
            <span className="strong mono">{l.sku}</span>
            <p className="faint small">{l.received} of {l.ordered} have come</p>
          </div>
          <NumberIn name={`lines.l${l.line_no}.units`} label="Units given back" min={0} />
          <MoneyIn name={`lines.l${l.line_no}.each`} label="For each" currency={p.currency} />
          <MoneyIn name={`lines.l${l.line_no}.off`} label="Off the price" currency={p.currency} help="In all, of units that are kept" />
        </fieldset>
      ))}
      <div className="form-grid">
        <MoneyIn name="charges" label="Charges" currency={p.currency} />
        <MoneyIn name="other" label="Other" currency={p.currency} help="A bonus, for instance" />
        <MoneyIn name="tax" label="Tax" currency={p.currency} />
        <MoneyIn name="total" label="Total" currency={p.currency} required help="As printed" />
      </div>
    </Ask>
  );
}
