import { useNotify } from "ra-core";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { TextIn } from "@/parts/fields";
import { Money } from "@/parts/Money";
import { TOUCHES, type Payment } from "./order";

type Body = Shape<"VoidBody">;

export function VoidPayment({ record: payment, close }: VerbProps<Payment>) {
  const notify = useNotify();
  const letGo = useWrite(
    (body: Body, once) =>
      answer(api.POST("/api/v1/payments/{payment_id}/void", { params: { path: { payment_id: payment.id } }, body, ...once })),
    { touches: TOUCHES, done: () => notify("The authorisation is let go.") },
  );
  return (
    <Ask<{ reason: string }, Body>
      title="Void the authorisation"
      about={
        <>
          The customer's <Money amount={payment.authorised} currency={payment.currency} /> are free again. The order needs another
          payment to go on.
        </>
      }
      verb="Void"
      tone="error"
      values={{ reason: "" }}
      input={({ reason }) => ({ reason })}
      write={letGo}
      close={close}
    >
      <TextIn name="reason" label="Reason" required autoFocus />
    </Ask>
  );
}
