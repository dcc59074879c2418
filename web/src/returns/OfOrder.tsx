import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { Mail, Undo2 } from "lucide-react";
import { useNotify } from "ra-core";
import { Link } from "react-router";
import { answer, api } from "@/api/client";
import type { Order } from "@/orders/order";
import { useWrite } from "@/api/write";
import { Chip } from "@/parts/Chip";
import { Money } from "@/parts/Money";
import { Card } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { useCan } from "@/parts/scopes";
import { Loaded } from "@/parts/states";
import { When } from "@/parts/When";
import { returnHref } from "./return";

/** What came back of an order, and the way to give back more of it. */
export function ReturnsOf({ order }: { order: Order }) {
  const can = useCan();
  const returnable = useQuery({
    queryKey: ["returns", "returnable", order.id],
    queryFn: () => answer(api.GET("/api/v1/orders/{order}/returnable", { params: { path: { order: order.id } } })),
  });
  const asked = useQuery({
    queryKey: ["returns", "of", order.id],
    queryFn: () => answer(api.GET("/api/v1/returns", { params: { query: { order_id_eq: order.id, limit: 200 } } })),
  });
  const some = returnable.data?.lines.some((l) => l.returnable > 0) ?? false;
  if (!some && !asked.data?.data.length) return null;
  return (
    <Card
      title="Returns"
      flush
      action={
        some && can("write_orders") && (
          <>
            <SendLink order={order} />
            <Button component={Link} to={`/returns/new?order=${order.id}`} startIcon={<Undo2 size={14} />}>
              Return
            </Button>
          </>
        )
      }
    >
      <Loaded query={asked}>
        {({ data }) =>
          data.length === 0 ? (
            <p className="quiet card-line">Nothing came back.</p>
          ) : (
            <Rows
              rows={data}
              keyOf={(r) => r.id}
              columns={[
                { id: "number", label: "Return", grow: true, render: (r) => <Link className="link" to={returnHref(r.id)}>{r.number}</Link> },
                { id: "status", label: "Status", render: (r) => <Chip state={r.status} /> },
                { id: "refund_state", label: "Refund", render: (r) => <Chip state={r.refund_state} /> },
                { id: "units", label: "Units", align: "right", render: (r) => r.units },
                { id: "refunded", label: "Given back", align: "right", render: (r) => <Money amount={r.refunded} currency={r.currency} /> },
                { id: "created_at", label: "Asked for", render: (r) => <When at={r.created_at} /> },
              ]}
            />
          )
        }
      </Loaded>
    </Card>
  );
}

/** Mails whoever ordered a link with which they give things back themselves. */
function SendLink({ order }: { order: Order }) {
  const notify = useNotify();
  const send = useWrite(
    (_: null, once) => answer(api.POST("/api/v1/orders/{order}/return-link", { params: { path: { order: order.id } }, ...once })),
    {
      touches: ["notifications", "orders"],
      done: (mail) => notify(mail.state === "kept" ? "There is no mail server: the mail is kept, and the link was not made." : "The link is on its way to the customer."),
    },
  );
  return (
    <Button startIcon={<Mail size={14} />} loading={send.isPending} onClick={() => send.mutate(null, { onError: (error) => notify(error.message, { type: "error" }) })}>
      Send their link
    </Button>
  );
}
