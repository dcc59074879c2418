import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { answer, api } from "@/api/client";
import { Chip } from "@/parts/Chip";
import { Card } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { Loaded } from "@/parts/states";
import { When } from "@/parts/When";
import type { Purchase } from "@/purchases/PurchaseList";
import { AnnounceButton } from "./Announce";
import { noticeHref } from "./notice";

/** What the supplier says is on its way of an order; the figures are of whole notices, which may be of other orders too. */
export function NoticesOf({ purchase: p }: { purchase: Purchase }) {
  const asked = useQuery({
    queryKey: ["advance-notices", "of", p.id],
    queryFn: () => answer(api.GET("/api/v1/advance-notices", { params: { query: { purchase_id_eq: p.id, limit: 200 } } })),
  });
  return (
    <Card title="Ship notices" flush action={p.next.includes("received") && <AnnounceButton purchase={p} />}>
      <Loaded query={asked}>
        {({ data }) =>
          data.length === 0 ? (
            <p className="quiet card-line">Nothing was announced.</p>
          ) : (
            <Rows
              rows={data}
              keyOf={(n) => n.id}
              columns={[
                { id: "number", label: "Notice", render: (n) => <Link className="link" to={noticeHref(n.id)}>{n.number}</Link> },
                { id: "reference", label: "Their number", grow: true, render: (n) => n.reference },
                { id: "status", label: "Status", render: (n) => <Chip state={n.status} /> },
                { id: "expected_at", label: "Expected", render: (n) => <When at={n.expected_at} /> },
                { id: "units", label: "Announced", align: "right", render: (n) => n.units },
                { id: "received", label: "Received", align: "right", render: (n) => n.received },
              ]}
            />
          )
        }
      </Loaded>
    </Card>
  );
}
