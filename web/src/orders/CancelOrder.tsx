import { useNotify } from "ra-core";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { NumberIn, TextIn } from "@/parts/fields";
import { useSeen } from "@/parts/seen";
import { at, TOUCHES, type Order } from "./order";

type Body = Shape<"CancelBody">;
type Values = { reason: string; units: Record<string, string> };

/** All of it, or some units of some lines. What was picked already is the server's to refuse. */
export function CancelOrder({ record: order, close }: VerbProps<Order>) {
  const notify = useNotify();
  const seen = useSeen(order.version);
  const lines = order.lines.filter((line) => line.quantity > line.cancelled);
  const cancel = useWrite(
    (body: Body, once) => answer(api.POST("/api/v1/orders/{order}/cancel", { ...at(order.id), body, ...once })),
    { touches: TOUCHES, done: (now) => notify(now.status === "cancelled" ? `Order ${order.number} is cancelled.` : `Some of order ${order.number} is cancelled.`) },
  );
  const input = ({ reason, units }: Values): Body => {
    const wanted = lines.map((line) => ({ line_no: line.line_no, quantity: Number(units[`l${line.line_no}`]) || 0 }));
    const all = lines.every((line, at) => wanted[at]?.quantity === line.quantity - line.cancelled);
    return { reason, lines: all ? null : wanted.filter((line) => line.quantity > 0), version: seen.version };
  };
  return (
    <Ask<Values, Body>
      title={`Cancel order ${order.number}`}
      about="Units that are cancelled go back to stock, and their money goes back by itself."
      verb="Cancel these units"
      tone="error"
      width="sm"
      values={{ reason: "", units: Object.fromEntries(lines.map((l) => [`l${l.line_no}`, String(l.quantity - l.cancelled)])) }}
      input={input}
      write={cancel}
      close={close}
      seen={seen}
      what="order"
    >
      <div className="stack tight">
        {lines.map((line) => {
          const open = line.quantity - line.cancelled;
          return (
            <div key={line.line_no} className="line-units">
              <div className="ellipsis">
                <span className="strong">{line.title}</span>
                <p className="faint small mono">{line.sku}</p>
              </div>
              <NumberIn name={`units.l${line.line_no}`} label={`Units of ${open}`} min={0} max={open} />
            </div>
          );
        })}
      </div>
      <TextIn name="reason" label="Reason" required autoFocus placeholder="The customer changed their mind" />
    </Ask>
  );
}
