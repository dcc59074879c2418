import type { Shape } from "@/api/client";
import { BulkBar } from "@/bulk/BulkBar";
import { Chip } from "@/parts/Chip";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Money } from "@/parts/Money";
import { SearchField } from "@/parts/SearchField";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { FILTERS } from "./filters";
import { orderHref } from "./order";

type Order = Shape<"Order">;

const COLUMNS: Column<Order>[] = [
  { id: "number", label: "Order", sort: "number", render: (o) => o.number },
  { id: "placed_at", label: "Placed", sort: "placed_at", render: (o) => <When at={o.placed_at} /> },
  { id: "customer", label: "Customer", grow: true, render: (o) => <Buyer order={o} /> },
  { id: "status", label: "Status", sort: "status", render: (o) => <Chip state={o.status} /> },
  { id: "payment", label: "Payment", render: (o) => <Chip state={o.payment_status} /> },
  { id: "channel", label: "Channel", wide: true, render: (o) => <span className="quiet">{o.channel}</span> },
  { id: "tags", label: "Tags", wide: true, render: (o) => o.tags.map((tag) => <span key={tag} className="tag">{tag}</span>) },
  { id: "total", label: "Total", sort: "total", align: "right", render: (o) => <Money amount={o.total_now} currency={o.currency} /> },
];

function Buyer({ order }: { order: Order }) {
  const { name, country } = (order.shipping_address ?? {}) as { name?: string; country?: string };
  return (
    <>
      {name ?? order.email ?? <span className="faint">No name</span>}
      {country && <span className="unit">{country}</span>}
    </>
  );
}

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "Held", filters: { status_eq: "held" } },
  { label: "To ship", filters: { status_in: "placed,released,partly_shipped" } },
  { label: "Payment failed", filters: { payment_status_eq: "declined" } },
  { label: "Shipped", filters: { status_eq: "shipped" } },
  { label: "Drafts", filters: { status_eq: "draft" } },
];

export function OrderList() {
  const listing = useListing<Order>("orders", { sort: "-created_at" });
  return (
    <ListPage
      title="Orders"
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      href={(order) => orderHref(order.id)}
      exports="orders"
      bulk={<BulkBar noun="orders" />}
      before={<SearchField field="number_start" label="Number begins with" />}
      empty={<Empty title="No order fits">Take a filter away, or look at all of them.</Empty>}
    />
  );
}
