import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { ArrowLeftRight, MessageCircleWarning } from "lucide-react";
import { Link } from "react-router";
import { answer, api } from "@/api/client";
import { claimHref } from "@/claims/claim";
import type { Order } from "@/orders/order";
import { Chip, words } from "@/parts/Chip";
import { Money } from "@/parts/Money";
import { Card } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { useCan } from "@/parts/scopes";
import { Loaded } from "@/parts/states";
import { When } from "@/parts/When";
import { exchangeHref } from "./exchange";

/** Exchanges and claims of an order, and the way to begin one. */
export function MadeGoodOf({ order }: { order: Order }) {
  const can = useCan();
  const returnable = useQuery({
    queryKey: ["returns", "returnable", order.id],
    queryFn: () => answer(api.GET("/api/v1/orders/{order}/returnable", { params: { path: { order: order.id } } })),
  });
  const exchanges = useQuery({
    queryKey: ["exchanges", "of", order.id],
    queryFn: () => answer(api.GET("/api/v1/exchanges", { params: { query: { order_id_eq: order.id, limit: 200 } } })),
  });
  const claims = useQuery({
    queryKey: ["claims", "of", order.id],
    queryFn: () => answer(api.GET("/api/v1/claims", { params: { query: { order_id_eq: order.id, limit: 200 } } })),
  });
  const may = (returnable.data?.lines.some((l) => l.returnable > 0) ?? false) && can("write_orders");
  if (!may && !exchanges.data?.data.length && !claims.data?.data.length) return null;
  return (
    <Card
      title="Exchanges and claims"
      flush
      action={
        may && (
          <span className="row">
            <Button component={Link} to={`/exchanges/new?order=${order.id}`} startIcon={<ArrowLeftRight size={14} />}>Exchange</Button>
            <Button component={Link} to={`/claims/new?order=${order.id}`} startIcon={<MessageCircleWarning size={14} />}>Claim</Button>
          </span>
        )
      }
    >
      <Loaded query={exchanges}>
        {({ data }) => data.length > 0 && (
          <Rows
            rows={data}
            keyOf={(x) => x.id}
            columns={[
              { id: "number", label: "Exchange", grow: true, render: (x) => <Link className="link" to={exchangeHref(x.id)}>{x.number}</Link> },
              { id: "status", label: "Status", render: (x) => <Chip state={x.status} /> },
              { id: "replacement_number", label: "Goes out", render: (x) => (x.replacement_id ? <Link className="link" to={`/orders/${x.replacement_id}`}>{x.replacement_number}</Link> : <span className="faint">–</span>) },
              { id: "balance", label: "Balance", align: "right", render: (x) => <Money amount={x.balance} currency={x.currency} /> },
              { id: "created_at", label: "Asked for", render: (x) => <When at={x.created_at} /> },
            ]}
          />
        )}
      </Loaded>
      <Loaded query={claims}>
        {({ data }) => data.length > 0 && (
          <Rows
            rows={data}
            keyOf={(c) => c.id}
            columns={[
              { id: "number", label: "Claim", grow: true, render: (c) => <Link className="link" to={claimHref(c.id)}>{c.number}</Link> },
              { id: "status", label: "Status", render: (c) => <Chip state={c.status} /> },
              { id: "resolution", label: "Made good by", render: (c) => words(c.resolution) },
              { id: "credit", label: "Worth", align: "right", render: (c) => <Money amount={c.credit} currency={c.currency} /> },
              { id: "created_at", label: "Opened", render: (c) => <When at={c.created_at} /> },
            ]}
          />
        )}
      </Loaded>
      {exchanges.data?.data.length === 0 && claims.data?.data.length === 0 && <p className="quiet card-line">Nothing was exchanged or claimed.</p>}
    </Card>
  );
}
