import { Link } from "react-router";
import type { Shape } from "@/api/client";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Money } from "@/parts/Money";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { reasonText, REASONS, returnHref } from "@/returns/return";
import { SKU } from "@/stock/stock";
import { SIBLINGS } from "./insight";

type Sent = Shape<"ShippedLine"> & { id: string };
type Back = Shape<"ReturnedLine"> & { id: string };

const FILTERS: Filter[] = [
  SKU,
  { field: "size", label: "Size", kind: "text", operator: "eq" },
  { field: "category", label: "Category", kind: "text", operator: "eq" },
  { field: "supplier", label: "Supplier", kind: "text", operator: "eq" },
  { field: "carrier", label: "Carrier", kind: "text", operator: "eq" },
  { field: "month", label: "Month it left", kind: "text", operator: "eq", hint: "2026-03" },
  { field: "currency", label: "Currency", kind: "text", operator: "eq", hint: "EUR" },
  { field: "sent_at", label: "Left", kind: "date" },
];

const SENT: Column<Sent>[] = [
  { id: "order_number", label: "Order", sort: "order_number", render: (n) => <Link className="link strong" to={`/orders/${n.order_id}`}>{n.order_number}</Link> },
  { id: "sku", label: "Goods", grow: true, render: (n) => <span>{n.title} <span className="faint small mono">{n.sku}</span></span> },
  { id: "size", label: "Size", render: (n) => n.size ?? <span className="faint">–</span> },
  { id: "supplier", label: "Supplier", extra: true, render: (n) => n.supplier ?? <span className="faint">–</span> },
  { id: "carrier", label: "Carrier", extra: true, render: (n) => n.carrier ?? <span className="faint">–</span> },
  { id: "units", label: "Sent", sort: "units", align: "right", render: (n) => n.units },
  { id: "came", label: "Came back", sort: "came", align: "right", render: (n) => n.came || <span className="faint">0</span> },
  { id: "refunded", label: "Given back", sort: "refunded", align: "right", render: (n) => (n.refunded ? <Money amount={n.refunded} currency={n.currency} /> : <span className="faint">–</span>) },
  { id: "sent_at", label: "Left", sort: "sent_at", render: (n) => <When at={n.sent_at} /> },
];

export function ShippedLines() {
  const listing = useListing<Sent>("shipped-lines", { sort: "-sent_at" });
  return (
    <ListPage
      title="What was sent"
      about="Every line of an order of which units have left, with how many came back."
      listing={listing}
      columns={SENT}
      filters={FILTERS}
      siblings={SIBLINGS}
      empty={<Empty title="Nothing fits">Take a filter away.</Empty>}
    />
  );
}

const BACK: Column<Back>[] = [
  { id: "return_number", label: "Return", render: (n) => <Link className="link strong" to={returnHref(n.return_id)}>{n.return_number}</Link> },
  { id: "sku", label: "Goods", grow: true, render: (n) => <span>{n.title} <span className="faint small mono">{n.sku}</span></span> },
  { id: "reason", label: "Why", render: (n) => reasonText(n.reason) },
  { id: "status", label: "Status", render: (n) => <Chip state={n.status} /> },
  { id: "came", label: "Came", sort: "came", align: "right", render: (n) => `${n.came} of ${n.units}` },
  { id: "days", label: "After days", sort: "days", align: "right", render: (n) => n.days },
  { id: "refunded", label: "Given back", align: "right", render: (n) => <Money amount={n.refunded} currency={n.currency} /> },
  { id: "fee", label: "Fee kept", align: "right", extra: true, render: (n) => <Money amount={n.fee} currency={n.currency} /> },
  { id: "leg", label: "Way home", align: "right", render: (n) => (n.leg ? <Money amount={n.leg} currency={n.currency} /> : <span className="faint">–</span>) },
  { id: "net", label: "Together", sort: "net", align: "right", render: (n) => <Money amount={n.net} currency={n.currency} /> },
  { id: "carrier", label: "Sent with", extra: true, render: (n) => n.carrier ?? <span className="faint">–</span> },
  { id: "asked_at", label: "Asked for", sort: "asked_at", render: (n) => <When at={n.asked_at} /> },
];

export function ReturnLines() {
  const listing = useListing<Back>("return-lines", { sort: "-asked_at" });
  return (
    <ListPage
      title="What came back"
      about="Every line of a return: why, after how long, and what it cost."
      listing={listing}
      columns={BACK}
      filters={[{ field: "reason", label: "Reason", kind: "choice", choices: Object.keys(REASONS), names: REASONS }, ...FILTERS]}
      siblings={SIBLINGS}
      empty={<Empty title="Nothing fits">Take a filter away.</Empty>}
    />
  );
}
