import { HandCoins, Landmark, Repeat, Undo2 } from "lucide-react";
import { Actions, type Verb } from "@/parts/Actions";
import { Chip, words } from "@/parts/Chip";
import { Money } from "@/parts/Money";
import { Card } from "@/parts/Page";
import { Empty, Loaded } from "@/parts/states";
import { When } from "@/parts/When";
import { ChangeTender } from "./ChangeTender";
import { CapturePayment } from "./CapturePayment";
import { usePayments, type Order, type Payment } from "./order";
import { RefundPayment } from "./RefundPayment";
import { VoidPayment } from "./VoidPayment";

const VERBS: Record<string, Verb<Payment>> = {
  capture: { label: "Capture", icon: HandCoins, scope: "write_payments", dialog: CapturePayment },
  void: { label: "Void", icon: Undo2, scope: "write_payments", dialog: VoidPayment },
  refund: { label: "Refund", icon: Landmark, scope: "refund_payments", dialog: RefundPayment },
  change: { label: "Pay with something else", icon: Repeat, scope: "write_payments", dialog: ChangeTender },
};

/** Each payment with every entry of its ledger, asked for or answered. */
export function Payments({ order }: { order: Order }) {
  const sees = !order.hidden.includes("payments");
  const asked = usePayments(order.id, sees);
  if (!sees) return null;
  return (
    <Card title="Payments">
      <Loaded query={asked}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title="Nothing was asked for" />
          ) : (
            <ul className="stack">
              {data.map((payment) => (
                <PaymentPart key={payment.id} payment={payment} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Card>
  );
}

function PaymentPart({ payment }: { payment: Payment }) {
  const { currency } = payment;
  return (
    <li className="payment">
      <div className="row apart wrap">
        <div className="row wrap">
          <Money amount={payment.amount} currency={currency} strong />
          <Chip state={payment.state} />
          <span className="quiet">{words(payment.provider)}</span>
          {payment.error && <span className="quiet">{payment.error}</span>}
        </div>
        <div className="row">
          <Actions record={payment} next={payment.next} verbs={VERBS} />
        </div>
      </div>
      <table className="table entries">
        <tbody>
          {payment.entries.map((entry) => (
            <tr key={entry.id}>
              <td>{words(entry.kind)}</td>
              <td>
                <Chip state={entry.state} />
              </td>
              <td className="grow quiet">{entry.message ?? entry.provider_ref}</td>
              <td className="faint small">
                <When at={entry.settled_at ?? entry.at} />
              </td>
              <td className="number">
                <Money amount={entry.amount} currency={entry.currency} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </li>
  );
}
