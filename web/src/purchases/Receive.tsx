import { useNotify } from "ra-core";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { freshKey } from "@/api/send";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { NumberIn, SelectIn, TextIn } from "@/parts/fields";
import { TOUCHES } from "@/stock/stock";
import type { Purchase } from "./PurchaseList";

type Body = Shape<"Arrived">;
type Values = { units: Record<string, string>; conditions: Record<string, string>; reason: string; accept_over: string };
const CONDITIONS = [
  { value: "good", label: "Good" },
  { value: "inspect", label: "To inspect" },
  { value: "damaged", label: "Damaged" },
];

/** What came of an order, line by line. The scan id stays while the dialog is open: pressing twice books once. */
export function Receive({ record: purchase, close }: VerbProps<Purchase>) {
  const notify = useNotify();
  const [scan] = useState(freshKey);
  const open = purchase.lines.filter((line) => line.ordered > line.received + line.closed_short);
  const receive = useWrite(
    (body: Body, once) =>
      answer(api.POST("/api/v1/purchase-orders/{purchase_id}/receive", { params: { path: { purchase_id: purchase.id } }, body, ...once })),
    {
      touches: ["purchase-orders", "receipts", ...TOUCHES],
      done: ({ number, filled }) => notify(filled ? `${number} booked; ${filled} units went to orders that waited.` : `${number} booked.`),
    },
  );
  return (
    <Ask<Values, Body>
      title={`Receive ${purchase.number} at ${purchase.node}`}
      verb="Book the goods in"
      width="sm"
      values={{
        units: Object.fromEntries(open.map((l) => [`l${l.line_no}`, String(l.ordered - l.received - l.closed_short)])),
        conditions: Object.fromEntries(open.map((l) => [`l${l.line_no}`, "good"])),
        reason: "",
        accept_over: "",
      }}
      input={({ units, conditions, reason, accept_over }) => ({
        scan,
        accept_over: accept_over.trim() || null,
        lines: open
          .map((l) => ({
            line_no: l.line_no,
            quantity: Number(units[`l${l.line_no}`]) || 0,
            condition: (conditions[`l${l.line_no}`] ?? "good") as "good" | "inspect" | "damaged",
            reason: reason.trim() || null,
            lot: "",
          }))
          .filter((l) => l.quantity > 0),
      })}
      write={receive}
      close={close}
    >
      {open.map((line, at) => (
        <div key={line.line_no} className="line-units with-condition">
          <div>
            <span className="strong mono">{line.sku}</span>
            <p className="faint small">{line.ordered - line.received - line.closed_short} to come</p>
          </div>
          <NumberIn name={`units.l${line.line_no}`} label="Came" min={0} autoFocus={at === 0} />
          <SelectIn name={`conditions.l${line.line_no}`} label="Condition" choices={CONDITIONS} />
        </div>
      ))}
      <TextIn name="reason" label="What is damaged" help="Needed for damaged units." />
      <TextIn name="accept_over" label="Why more is taken" help="Needed when more came than was ordered." />
    </Ask>
  );
}
