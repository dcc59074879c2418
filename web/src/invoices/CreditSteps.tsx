import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { AskReason } from "@/parts/AskReason";
import { TextIn } from "@/parts/fields";
import { moneyText } from "@/parts/Money";
import { useSeen } from "@/parts/seen";
import { CREDIT_TOUCHES, creditRemaining, type Credit } from "./credit";

const path = (c: Credit) => ({ params: { path: { credit_id: c.id } } });
const today = () => new Date().toLocaleDateString("sv-SE"); // year, month and day in this order

export function TakeIt({ record: c, close }: VerbProps<Credit>) {
  const seen = useSeen(c.version);
  const take = useWrite(
    (body: Shape<"CreditVersion">, once) => answer(api.POST("/api/v1/supplier-credits/{credit_id}/approve", { ...path(c), body, ...once })),
    { touches: CREDIT_TOUCHES },
  );
  return (
    <Ask<object, Shape<"CreditVersion">>
      title={`Take ${c.number}`}
      about={`${c.supplier} gives back ${moneyText(c.total, c.currency)}; so much less is owed then.`}
      verb="Take it"
      values={{}}
      input={() => ({ version: seen.version })}
      write={take}
      close={close}
      seen={seen}
      what="credit note"
    />
  );
}

export function TakeAllTheSame({ record: c, close }: VerbProps<Credit>) {
  return (
    <AskReason
      title={`Take ${c.number} although it differs`}
      about={creditRemaining(c).map((d) => <p key={`${d.kind}${d.line_no ?? ""}`}>{d.sku && `${d.sku}: `}{d.why}</p>)}
      verb="Take it"
      of={c}
      what="credit note"
      write={(body, once) => answer(api.POST("/api/v1/supplier-credits/{credit_id}/accept", { ...path(c), body, ...once }))}
      touches={CREDIT_TOUCHES}
      close={close}
    />
  );
}

export function DisputeCredit({ record: c, close }: VerbProps<Credit>) {
  return (
    <AskReason
      title={`Dispute ${c.number}`}
      about={`It does not count before ${c.supplier} has answered.`}
      verb="Dispute it"
      label="What is wrong"
      of={c}
      what="credit note"
      write={(body, once) => answer(api.POST("/api/v1/supplier-credits/{credit_id}/dispute", { ...path(c), body, ...once }))}
      touches={CREDIT_TOUCHES}
      close={close}
    />
  );
}

export function Settle({ record: c, close }: VerbProps<Credit>) {
  const seen = useSeen(c.version);
  const settle = useWrite(
    (body: Shape<"CreditSettlement">, once) => answer(api.POST("/api/v1/supplier-credits/{credit_id}/settle", { ...path(c), body, ...once })),
    { touches: CREDIT_TOUCHES },
  );
  return (
    <Ask<{ settled_on: string; reference: string }, Shape<"CreditSettlement">>
      title={`${c.number} is settled`}
      about={`${moneyText(c.total, c.currency)} of ${c.supplier} have come, or were taken off a payment.`}
      verb="It is settled"
      values={{ settled_on: today(), reference: "" }}
      input={({ settled_on, reference }) => ({ settled_on, reference, version: seen.version })}
      write={settle}
      close={close}
      seen={seen}
      what="credit note"
    >
      <TextIn name="settled_on" label="On" type="date" required />
      <TextIn name="reference" label="Reference of the transfer or payment" required autoFocus />
    </Ask>
  );
}

export function CancelCredit({ record: c, close }: VerbProps<Credit>) {
  return (
    <AskReason
      title={`Cancel ${c.number}`}
      about="It was entered wrongly, or the supplier took it back. Its number is free again."
      verb="Cancel it"
      tone="error"
      of={c}
      what="credit note"
      write={(body, once) => answer(api.POST("/api/v1/supplier-credits/{credit_id}/cancel", { ...path(c), body, ...once }))}
      touches={CREDIT_TOUCHES}
      close={close}
    />
  );
}
