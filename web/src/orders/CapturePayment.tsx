import { useNotify } from "ra-core";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { MoneyIn } from "@/parts/fields";
import { decimal, minorUnits, Money } from "@/parts/Money";
import { TOUCHES, type Payment } from "./order";

type Body = Shape<"CaptureBody">;

export function CapturePayment({ record: payment, close }: VerbProps<Payment>) {
  const notify = useNotify();
  const { currency } = payment;
  const capture = useWrite(
    (body: Body, once) =>
      answer(api.POST("/api/v1/payments/{payment_id}/capture", { params: { path: { payment_id: payment.id } }, body, ...once })),
    { touches: TOUCHES, done: () => notify("The provider was asked for the money.") },
  );
  return (
    <Ask<{ amount: string }, Body>
      title="Capture"
      about={
        <>
          <Money amount={payment.authorised} currency={currency} /> are authorised, <Money amount={payment.captured} currency={currency} /> of
          them captured. Shipping captures by itself.
        </>
      }
      verb="Capture"
      values={{ amount: decimal(payment.authorised - payment.captured, currency) }}
      input={({ amount }) => {
        const minor = minorUnits(amount, currency);
        return minor === null ? null : { amount: minor };
      }}
      write={capture}
      close={close}
    >
      <MoneyIn name="amount" label="Amount" currency={currency} required autoFocus />
    </Ask>
  );
}
