import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { AskReason } from "@/parts/AskReason";
import { TextIn } from "@/parts/fields";
import { moneyText } from "@/parts/Money";
import { useSeen } from "@/parts/seen";
import { remaining, TOUCHES, type Invoice } from "./invoice";

const path = (i: Invoice) => ({ params: { path: { invoice_id: i.id } } });
const today = () => new Date().toLocaleDateString("sv-SE"); // year, month and day in this order

export function Approve({ record: i, close }: VerbProps<Invoice>) {
  const seen = useSeen(i.version);
  const approve = useWrite(
    (body: Shape<"InvoiceVersion">, once) => answer(api.POST("/api/v1/supplier-invoices/{invoice_id}/approve", { ...path(i), body, ...once })),
    { touches: TOUCHES },
  );
  return (
    <Ask<object, Shape<"InvoiceVersion">>
      title={`Approve ${i.number}`}
      about={`${moneyText(i.total, i.currency)} to ${i.supplier} may be paid by ${i.due_on}.`}
      verb="Approve"
      values={{}}
      input={() => ({ version: seen.version })}
      write={approve}
      close={close}
      seen={seen}
      what="invoice"
    />
  );
}

export function Accept({ record: i, close }: VerbProps<Invoice>) {
  return (
    <AskReason
      title={`Pay ${i.number} although it differs`}
      about={remaining(i).map((d) => <p key={`${d.kind}${d.line_no ?? ""}`}>{d.sku && `${d.sku}: `}{d.why}</p>)}
      verb="Accept and approve"
      of={i}
      what="invoice"
      write={(body, once) => answer(api.POST("/api/v1/supplier-invoices/{invoice_id}/accept", { ...path(i), body, ...once }))}
      touches={TOUCHES}
      close={close}
    />
  );
}

export function Dispute({ record: i, close }: VerbProps<Invoice>) {
  return (
    <AskReason
      title={`Dispute ${i.number}`}
      about={`It is not paid before ${i.supplier} has answered.`}
      verb="Dispute it"
      label="What is wrong"
      of={i}
      what="invoice"
      write={(body, once) => answer(api.POST("/api/v1/supplier-invoices/{invoice_id}/dispute", { ...path(i), body, ...once }))}
      touches={TOUCHES}
      close={close}
    />
  );
}

export function Pay({ record: i, close }: VerbProps<Invoice>) {
  const seen = useSeen(i.version);
  const pay = useWrite(
    (body: Shape<"InvoicePayment">, once) => answer(api.POST("/api/v1/supplier-invoices/{invoice_id}/pay", { ...path(i), body, ...once })),
    { touches: TOUCHES },
  );
  return (
    <Ask<{ paid_on: string; reference: string }, Shape<"InvoicePayment">>
      title={`${i.number} was paid`}
      about={`${moneyText(i.total, i.currency)} to ${i.supplier}. Say so once the bank has it.`}
      verb="It was paid"
      values={{ paid_on: today(), reference: "" }}
      input={({ paid_on, reference }) => ({ paid_on, reference, version: seen.version })}
      write={pay}
      close={close}
      seen={seen}
      what="invoice"
    >
      <TextIn name="paid_on" label="On" type="date" required />
      <TextIn name="reference" label="Reference of the transfer" required autoFocus />
    </Ask>
  );
}

export function CancelIt({ record: i, close }: VerbProps<Invoice>) {
  return (
    <AskReason
      title={`Cancel ${i.number}`}
      about="It was entered wrongly, or the supplier took it back. Its number is free again."
      verb="Cancel it"
      tone="error"
      of={i}
      what="invoice"
      write={(body, once) => answer(api.POST("/api/v1/supplier-invoices/{invoice_id}/cancel", { ...path(i), body, ...once }))}
      touches={TOUCHES}
      close={close}
    />
  );
}
