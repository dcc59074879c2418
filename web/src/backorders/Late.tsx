import { useNotify } from "ra-core";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { TextIn } from "@/parts/fields";
import { dayText, TOUCHES, type LatePromise } from "./backorder";

type Reason = { reason: string };

/** The customer, or whoever answers for them, takes the later day. */
export function WaitOn({ record: p, close }: VerbProps<LatePromise>) {
  const wait = useWrite(
    (body: Reason, once) =>
      answer(api.POST("/api/v1/backorder-promises/{allocation_id}/accept", { params: { path: { allocation_id: p.allocation_id } }, body, ...once })),
    { touches: TOUCHES },
  );
  return (
    <Ask<Reason, Reason>
      title={`${p.order_number} waits on`}
      about={p.promised_on ? `It is no longer late until ${dayText(p.promised_on)}, unless the day moves again.` : "It is no longer shown as late until a day is known and moves."}
      verb="They wait"
      values={{ reason: "" }}
      input={({ reason }) => ({ reason })}
      write={wait}
      close={close}
    >
      <TextIn name="reason" label="Who says so" required autoFocus />
    </Ask>
  );
}

export function SplitOrder({ record: p, close }: VerbProps<LatePromise>) {
  const notify = useNotify();
  const split = useWrite(
    (body: Shape<"ShipInPartsBody">, once) =>
      answer(api.POST("/api/v1/orders/{order}/ship-in-parts", { params: { path: { order: p.order_id } }, body, ...once })),
    { touches: [...TOUCHES, "fulfilments"], done: () => notify(`What is there of ${p.order_number} may leave now.`) },
  );
  return (
    <Ask<Reason, Shape<"ShipInPartsBody">>
      title={`Send the rest of ${p.order_number}`}
      about={`It was to leave as a whole. What is there leaves now, and ${p.units} ${p.sku} when they come.`}
      verb="Send what is there"
      values={{ reason: "" }}
      input={({ reason }) => ({ reason, version: null })}
      write={split}
      close={close}
    >
      <TextIn name="reason" label="Why" required autoFocus />
    </Ask>
  );
}

export function CancelUnits({ record: p, close }: VerbProps<LatePromise>) {
  const notify = useNotify();
  const cancel = useWrite(
    (body: Shape<"CancelBody">, once) => answer(api.POST("/api/v1/orders/{order}/cancel", { params: { path: { order: p.order_id } }, body, ...once })),
    { touches: [...TOUCHES, "payments"], done: () => notify(`${p.units} of ${p.sku} are cancelled.`) },
  );
  return (
    <Ask<Reason, Shape<"CancelBody">>
      title={`Cancel ${p.units} of line ${p.line_no}`}
      about={`${p.order_number} goes on without them, and what was paid for them goes back.`}
      verb="Cancel them"
      tone="error"
      values={{ reason: "" }}
      input={({ reason }) => ({ reason, lines: [{ line_no: p.line_no, quantity: p.units }], version: null })}
      write={cancel}
      close={close}
    >
      <TextIn name="reason" label="Why" required autoFocus />
    </Ask>
  );
}
