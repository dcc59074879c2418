import { moneyText } from "@/parts/Money";
import type { Told } from "./ask";
import { say, sayOf } from "./texts";

/** What the return comes to, line by line. Every number is the server's. */
export function Sum({ told: { preview: p, label } }: { told: Told }) {
  const money = (amount: number) => moneyText(amount, p.currency);
  const whens = [...new Set(p.lines.map((line) => line.refund_when))];
  return (
    <div className="door-card">
      <dl className="door-sum">
        {p.lines.map((line) => (
          <div key={line.line_no}>
            <dt>
              {say("goods", { units: line.quantity, title: line.title })}
              {!line.allowed && <span className="door-problem">{sayOf("", line.verdict)}</span>}
            </dt>
            <dd>{money(line.paid)}</dd>
          </div>
        ))}
        {p.fee > 0 && <Row what={say("fee")} amount={money(-p.fee)} />}
        {p.shipping > 0 && <Row what={say("shipping")} amount={money(p.shipping)} />}
        {label && (p.label_paid_by === "shop" ? <Row what={say("labelFree")} amount={money(0)} /> : <Row what={say("labelPrice")} amount={money(-p.label)} />)}
        <div className="door-total">
          <dt>{say("total")}</dt>
          <dd>{money(p.total)}</dd>
        </div>
      </dl>
      {p.tax > 0 && <p className="door-faint">{say("tax", { amount: money(p.tax) })}</p>}
      {p.keep_why === null ? whens.map((when) => <p key={when}>{sayOf("when", when)}</p>) : <p><strong>{say("keepIt")}</strong></p>}
      <p>{p.approved_at_once ? say("atOnce") : say("looked")}</p>
      {p.keep_why === null && <p className="door-faint">{say("asNew")}</p>}
    </div>
  );
}

function Row({ what, amount }: { what: string; amount: string }) {
  return (
    <div>
      <dt>{what}</dt>
      <dd>{amount}</dd>
    </div>
  );
}
