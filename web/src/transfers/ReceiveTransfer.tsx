import { useNotify } from "ra-core";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { NumberIn, YesNo } from "@/parts/fields";
import { useSeen } from "@/parts/seen";
import { TOUCHES } from "@/stock/stock";
import type { Transfer } from "./TransferList";

type Body = Shape<"Arrival">;
type Values = { units: Record<string, string>; complete: boolean };

export function ReceiveTransfer({ record: transfer, close }: VerbProps<Transfer>) {
  const notify = useNotify();
  const seen = useSeen(transfer.version);
  const open = transfer.lines.filter((line) => line.quantity > line.received + line.lost);
  const receive = useWrite(
    (body: Body, once) =>
      answer(api.POST("/api/v1/transfers/{transfer_id}/receive", { params: { path: { transfer_id: transfer.id } }, body, ...once })),
    { touches: ["transfers", ...TOUCHES], done: () => notify(`Booked at ${transfer.to_node}.`) },
  );
  return (
    <Ask<Values, Body>
      title={`Receive at ${transfer.to_node}`}
      verb="Book the arrival"
      width="sm"
      values={{
        units: Object.fromEntries(open.map((l) => [`l${l.line_no}`, String(l.quantity - l.received - l.lost)])),
        complete: true,
      }}
      input={({ units, complete }) => ({
        complete,
        version: seen.version,
        lines: open.map((l) => ({ sku: l.sku, lot: l.lot, quantity: Number(units[`l${l.line_no}`]) || 0 })),
      })}
      write={receive}
      close={close}
      seen={seen}
      what="transfer"
    >
      {open.map((line, at) => (
        <div key={line.line_no} className="line-units">
          <div>
            <span className="strong mono">{line.sku}</span>
            <p className="faint small">{line.quantity - line.received - line.lost} expected {line.lot && ` · lot ${line.lot}`}</p>
          </div>
          <NumberIn name={`units.l${line.line_no}`} label="Arrived" min={0} autoFocus={at === 0} />
        </div>
      ))}
      <YesNo name="complete" label="That was all of it" help="What did not come is booked as lost. Otherwise the rest is expected later." />
    </Ask>
  );
}
