import { useQuery } from "@tanstack/react-query";
import { Ban, PackageCheck, Send } from "lucide-react";
import { Link, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { Actions, type Verb } from "@/parts/Actions";
import { Chip } from "@/parts/Chip";
import { listHref } from "@/parts/links";
import { Card, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { Loaded } from "@/parts/states";
import { backTo, Neighbours } from "@/parts/walk";
import { When } from "@/parts/When";
import { NodeLink, SkuLink } from "@/stock/stock";
import { CancelTransfer, SendTransfer } from "./SendTransfer";
import { ReceiveTransfer } from "./ReceiveTransfer";
import type { Transfer } from "./TransferList";

const VERBS: Record<string, Verb<Transfer>> = {
  in_transit: { label: "Send", icon: Send, tone: "primary", scope: "write_stock", dialog: SendTransfer },
  received: { label: "Receive", icon: PackageCheck, tone: "primary", scope: "write_stock", dialog: ReceiveTransfer },
  cancelled: { label: "Cancel", icon: Ban, scope: "write_stock", dialog: CancelTransfer },
};

export function TransferDetail() {
  const { id = "" } = useParams();
  const asked = useQuery({
    queryKey: ["transfers", "detail", id],
    queryFn: () => answer(api.GET("/api/v1/transfers/{transfer_id}", { params: { path: { transfer_id: id } } })),
  });
  const crumbs = [{ label: "Transfers", to: backTo("transfers", "/transfers") }];
  return (
    <Loaded query={asked} frame={(inside) => <Page title="Transfer" crumbs={crumbs}>{inside}</Page>}>
      {(transfer) => (
        <Page
          title={`Transfer T-${transfer.id.slice(-6)}`}
          crumbs={crumbs}
          chips={<Chip state={transfer.status} />}
          about={
            <>
              <NodeLink node={transfer.from_node} /> → <NodeLink node={transfer.to_node} /> · planned <When at={transfer.created_at} />
            </>
          }
          actions={
            <>
              <Neighbours resource="transfers" id={transfer.id} href={(other) => `/transfers/${other}`} />
              <Actions record={transfer} next={transfer.next} verbs={VERBS} />
            </>
          }
        >
          <Card
            title="Lines"
            flush
            action={
              <Link className="link small" to={listHref("list_movements", { cause_eq: `transfer:${transfer.id}` })}>
                Its movements
              </Link>
            }
          >
            <Rows
              rows={transfer.lines}
              keyOf={(line) => String(line.line_no)}
              columns={[
                { id: "sku", label: "SKU", grow: true, render: (l) => <SkuLink sku={l.sku} /> },
                { id: "lot", label: "Lot", render: (l) => l.lot || <span className="faint">–</span> },
                { id: "quantity", label: "Planned", align: "right", render: (l) => l.quantity },
                { id: "received", label: "Arrived", align: "right", render: (l) => l.received },
                { id: "lost", label: "Lost", align: "right", render: (l) => (l.lost ? <span className="minus">{l.lost}</span> : 0) },
              ]}
            />
          </Card>
        </Page>
      )}
    </Loaded>
  );
}
