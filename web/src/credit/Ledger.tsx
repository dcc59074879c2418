import { Link } from "react-router";
import { words } from "@/parts/Chip";
import { Money } from "@/parts/Money";
import { Card } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { When } from "@/parts/When";
import type { GiftCard } from "./value";

/** Every change of a balance, the latest first. */
export function Ledger({ entries, currency }: { entries: NonNullable<GiftCard["entries"]>; currency: string }) {
  const money = (amount: number) => <Money amount={amount} currency={currency} />;
  return (
    <Card title="Ledger" count={entries.length} flush>
      <Rows
        rows={[...entries].reverse()}
        keyOf={(e) => e.id}
        columns={[
          { id: "at", label: "When", render: (e) => <When at={e.at} /> },
          { id: "kind", label: "What", render: (e) => words(e.kind) },
          { id: "why", label: "Why", grow: true, render: (e) => (e.order_id ? <Link className="link" to={`/orders/${e.order_id}`}>Order {e.order_number ?? e.order_id.slice(-6)}</Link> : e.why) },
          { id: "amount", label: "Amount", align: "right", render: (e) => money(e.amount) },
          { id: "balance", label: "Balance", align: "right", render: (e) => money(e.balance) },
        ]}
      />
    </Card>
  );
}
