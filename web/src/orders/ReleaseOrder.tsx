import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { words } from "@/parts/Chip";
import { SelectIn, TextIn } from "@/parts/fields";
import { useTold } from "@/undo/useTold";
import { at, TOUCHES, type Order } from "./order";

type Body = Shape<"ReleaseBody">;
const ALL = "all";

export function ReleaseOrder({ record: order, close }: VerbProps<Order>) {
  const told = useTold(TOUCHES);
  const holds = order.holds.filter((hold) => hold.released_at === null);
  const release = useWrite(
    (body: Body, once) => answer(api.POST("/api/v1/orders/{order}/release", { ...at(order.id), body, ...once })),
    { touches: TOUCHES, done: (now) => told(now.holds.length ? `Order ${order.number} is still held.` : `Order ${order.number} is released.`, now.undo) },
  );
  const choices = holds.map(({ reason }) => ({ value: reason, label: words(reason) }));
  return (
    <Ask<{ reason: string; note: string }, Body>
      title={`Release order ${order.number}`}
      about="Without any hold left the warehouses may work on it."
      verb="Release"
      values={{ reason: holds.length === 1 ? holds[0]?.reason : ALL, note: "" }}
      input={({ reason, note }) => ({
        reason: reason === ALL ? null : (reason as Body["reason"]),
        note: note.trim() || null,
      })}
      write={release}
      close={close}
    >
      <SelectIn
        name="reason"
        label="Lift"
        choices={holds.length > 1 ? [{ value: ALL, label: `All ${holds.length} holds` }, ...choices] : choices}
      />
      <TextIn name="note" label="Why it may go on" rows={2} autoFocus />
    </Ask>
  );
}
