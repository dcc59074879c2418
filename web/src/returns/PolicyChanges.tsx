import { Link } from "react-router";
import type { Shape } from "@/api/client";
import { moneyText } from "@/parts/Money";
import { Card } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { Empty } from "@/parts/states";
import { SkuLink } from "@/stock/stock";

type Said = Shape<"SaidOfLine">;

/** What a policy says of a line, in a few words. */
export function saidText(said: Said, currency: string): string {
  if (!said.allowed) return said.verdict === "over" ? "Too late" : said.verdict === "final" ? "Final sale" : "Not back";
  const who = said.at_once ? "at once" : "a person decides";
  const path = said.kept ? "stays with the customer" : said.refund_when === "receipt" ? "paid when here" : `paid at ${said.refund_when}`;
  return [who, path, said.fee ? `fee ${moneyText(said.fee, currency)}` : ""].filter(Boolean).join(", ");
}

/** Lines of which the rules say something else than the policy that the order has. */
export function Changes({ of }: { of: Shape<"ReturnPolicyTried"> }) {
  const fees = Object.entries(of.fee_now).map(([currency, amount]) => moneyText(amount, currency)).join(", ");
  return (
    <Card title="What would be different" count={of.changed} flush={of.changed > 0}>
      {of.changed === 0 ? (
        <Empty title="Nothing">All {of.lines} lines would go as they do now{fees && `, with fees of ${fees}`}.</Empty>
      ) : (
        <Rows
          rows={of.changes}
          keyOf={(c) => `${c.order_id}/${c.line_no}`}
          columns={[
            { id: "order_number", label: "Order", render: (c) => <Link className="link" to={`/orders/${c.order_id}`}>{c.order_number}</Link> },
            { id: "sku", label: "Item", grow: true, render: (c) => <>{c.units} × <SkuLink sku={c.sku} /></> },
            { id: "now", label: "By its policy", render: (c) => <span className="quiet">{saidText(c.now, c.currency)}</span> },
            { id: "then", label: "By these rules", render: (c) => saidText(c.then, c.currency) },
          ]}
        />
      )}
    </Card>
  );
}
