import { useNotify } from "ra-core";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { MoneyIn, TextIn, YesNo } from "@/parts/fields";
import { decimal, minorUnits, Money, moneyText } from "@/parts/Money";
import { TOUCHES, type Payment } from "./order";

type Body = Shape<"RefundBody">;

export function RefundPayment({ record: payment, close }: VerbProps<Payment>) {
  const notify = useNotify();
  const { currency } = payment;
  const left = payment.captured - payment.refunded;
  const refund = useWrite(
    (body: Body, once) =>
      answer(api.POST("/api/v1/payments/{payment_id}/refund", { params: { path: { payment_id: payment.id } }, body, ...once })),
    { touches: TOUCHES, done: (_, { amount }) => notify(`${moneyText(amount, currency)} will be given back.`) },
  );
  return (
    <Ask<{ amount: string; reason: string; goodwill: boolean; to_credit: boolean }, Body>
      title="Refund"
      about={
        <>
          <Money amount={payment.captured} currency={currency} /> were taken, <Money amount={payment.refunded} currency={currency} /> given
          back so far. The money goes the way it came.
        </>
      }
      verb="Refund"
      tone="error"
      values={{ amount: decimal(left, currency), reason: "", goodwill: false, to_credit: false }}
      input={({ amount, reason, goodwill, to_credit }) => {
        const minor = minorUnits(amount, currency);
        return minor === null ? null : { amount: minor, reason, goodwill, to_credit };
      }}
      write={refund}
      close={close}
    >
      <MoneyIn name="amount" label="Amount" currency={currency} required autoFocus />
      <TextIn name="reason" label="Reason" required placeholder="Arrived broken" />
      <YesNo name="goodwill" label="Goodwill" help="Given beside what cancelled units are worth. Otherwise it counts towards that." />
      <YesNo name="to_credit" label="As store credit" help="For the order's customer, in place of the way it was paid." />
    </Ask>
  );
}
