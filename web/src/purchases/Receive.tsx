import Dialog from "@mui/material/Dialog";
import DialogContent from "@mui/material/DialogContent";
import { useQuery } from "@tanstack/react-query";
import { useNotify } from "ra-core";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { freshKey } from "@/api/send";
import { useWrite } from "@/api/write";
import { noticeOf } from "@/floor/dock";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { NumberIn, SelectIn, TextIn } from "@/parts/fields";
import { Loading, ProblemNote } from "@/parts/states";
import { TOUCHES } from "@/stock/stock";
import type { Purchase } from "./PurchaseList";

type Body = Shape<"Arrived">;
type Notices = Shape<"Receiving">["notices"];
type Values = { notice: string; units: Record<string, string>; conditions: Record<string, string>; reason: string; accept_over: string };
const CONDITIONS = [
  { value: "good", label: "Good" },
  { value: "inspect", label: "To inspect" },
  { value: "damaged", label: "Damaged" },
];

const NO_NOTICE = " ";

/** What came of an order, line by line, on the only notice of it unless somebody says otherwise. */
export function Receive(props: VerbProps<Purchase>) {
  const { id } = props.record;
  const asked = useQuery({
    queryKey: ["purchase-orders", "receiving", id],
    queryFn: () => answer(api.GET("/api/v1/purchase-orders/{purchase_id}/receiving", { params: { path: { purchase_id: id } } })),
  });
  if (asked.data) return <ReceiveOn {...props} notices={asked.data.notices} />;
  return (
    <Dialog open onClose={props.close} fullWidth maxWidth="sm" aria-label={`Receive ${props.record.number}`}>
      <DialogContent>{asked.error ? <ProblemNote problem={asked.error} retry={() => void asked.refetch()} /> : <Loading />}</DialogContent>
    </Dialog>
  );
}

/** The scan id stays while the dialog is open: pressing twice books once. */
function ReceiveOn({ record: purchase, close, notices }: VerbProps<Purchase> & { notices: Notices }) {
  const notify = useNotify();
  const [scan] = useState(freshKey);
  const open = purchase.lines.filter((line) => line.ordered > line.received + line.closed_short);
  const receive = useWrite(
    (body: Body, once) =>
      answer(api.POST("/api/v1/purchase-orders/{purchase_id}/receive", { params: { path: { purchase_id: purchase.id } }, body, ...once })),
    {
      touches: ["purchase-orders", "advance-notices", "receipts", ...TOUCHES],
      done: ({ number, filled }) => notify(filled ? `${number} booked; ${filled} units went to orders that waited.` : `${number} booked.`),
    },
  );
  return (
    <Ask<Values, Body>
      title={`Receive ${purchase.number} at ${purchase.node}`}
      verb="Book the goods in"
      width="sm"
      values={{
        notice: noticeOf(notices, undefined)?.id ?? NO_NOTICE,
        units: Object.fromEntries(open.map((l) => [`l${l.line_no}`, String(l.ordered - l.received - l.closed_short)])),
        conditions: Object.fromEntries(open.map((l) => [`l${l.line_no}`, "good"])),
        reason: "",
        accept_over: "",
      }}
      input={({ notice, units, conditions, reason, accept_over }) => ({
        scan,
        notice_id: notice.trim() || null,
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
      {notices.length > 0 && (
        <SelectIn
          name="notice"
          label="Ship notice"
          choices={[
            ...notices.map((one) => ({ value: one.id, label: `${one.number}, their ${one.reference}, for ${one.expected_at.slice(0, 10)}` })),
            { value: NO_NOTICE, label: "On none of them" },
          ]}
        />
      )}
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
