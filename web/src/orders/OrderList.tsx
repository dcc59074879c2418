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

const countryOf = (order: Order) => (order.shipping_address as { country?: string } | null)?.country;

const COLUMNS: Column<Order>[] = [
  { id: "number", label: "Order", sort: "number", render: (o) => o.number },
  { id: "placed_at", label: "Placed", sort: "placed_at", render: (o) => <When at={o.placed_at} /> },
  { id: "email", label: "Customer", grow: true, render: (o) => <Buyer order={o} /> },
  { id: "status", label: "Status", sort: "status", render: (o) => <Chip state={o.status} /> },
  { id: "payment_status", label: "Payment", render: (o) => <Chip state={o.payment_status} /> },
  { id: "channel", label: "Channel", wide: true, render: (o) => <span className="quiet">{o.channel}</span> },
  { id: "tags", label: "Tags", wide: true, render: (o) => o.tags.map((tag) => <span key={tag} className="tag">{tag}</span>) },
  { id: "external_ref", label: "Reference", extra: true, render: (o) => <span className="quiet">{o.external_ref}</span> },
  { id: "shipping_address", label: "Country", extra: true, render: (o) => <span className="quiet">{countryOf(o)}</span> },
  { id: "created_at", label: "Written", sort: "created_at", extra: true, render: (o) => <When at={o.created_at} /> },
  { id: "updated_at", label: "Changed", sort: "updated_at", extra: true, render: (o) => <When at={o.updated_at} /> },
  { id: "delivered_at", label: "Delivered", extra: true, render: (o) => <When at={o.delivered_at} /> },
  { id: "discount", label: "Discount", align: "right", extra: true, render: (o) => <Money amount={o.discount} currency={o.currency} /> },
  { id: "shipping", label: "Shipping", align: "right", extra: true, render: (o) => <Money amount={o.shipping} currency={o.currency} /> },
  { id: "tax", label: "Tax", align: "right", extra: true, render: (o) => <Money amount={o.tax} currency={o.currency} /> },
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
      bulk={<BulkBar noun="orders" />}
      before={<SearchField field="number_start" label="Number begins with" />}
      empty={<Empty title="No order fits">Take a filter away, or look at all of them.</Empty>}
    />
  );
}
