import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { SelectIn, TextIn } from "@/parts/fields";
import { useTold } from "@/undo/useTold";
import { HOLD_REASONS } from "./filters";
import { at, TOUCHES, type Order } from "./order";

type Body = Shape<"HoldBody">;

export function HoldOrder({ record: order, close }: VerbProps<Order>) {
  const told = useTold(TOUCHES);
  const held = order.holds.filter((hold) => hold.released_at === null).map((hold) => hold.reason);
  const left = HOLD_REASONS.filter((reason) => !held.includes(reason));
  const hold = useWrite(
    (body: Body, once) => answer(api.POST("/api/v1/orders/{order}/hold", { ...at(order.id), body, ...once })),
    { touches: TOUCHES, done: (now) => told(`Order ${order.number} is on hold.`, now.undo) },
  );
  return (
    <Ask<{ reason: Body["reason"]; note: string }, Body>
      title={`Hold order ${order.number}`}
      about="Nothing of it is picked until the hold is lifted."
      verb="Hold"
      values={{ reason: left.at(-1), note: "" }}
      input={({ reason, note }) => ({ reason, note: note.trim() || null })}
      write={hold}
      close={close}
    >
      <SelectIn name="reason" label="Because of" choices={left} required />
      <TextIn name="note" label="Note for colleagues" rows={2} autoFocus />
    </Ask>
  );
}
