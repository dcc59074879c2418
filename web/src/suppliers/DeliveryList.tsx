import type { Shape } from "@/api/client";
import type { Filter } from "@/parts/filters";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { SearchField } from "@/parts/SearchField";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { NodeLink, SkuLink } from "@/stock/stock";
import { SIBLINGS, SupplierLink } from "./supplier";

type Row = Shape<"Delivery"> & { id: string };

const COLUMNS: Column<Row>[] = [
  { id: "number", label: "Order", sort: "number", render: (d) => <span className="strong">{d.number}</span> },
  { id: "supplier", label: "Supplier", sort: "supplier", render: (d) => <SupplierLink supplier={d.supplier} /> },
  { id: "sku", label: "SKU", sort: "sku", grow: true, render: (d) => <SkuLink sku={d.sku} /> },
  { id: "node", label: "At", render: (d) => <NodeLink node={d.node} /> },
  { id: "ordered", label: "Units", align: "right", render: (d) => d.ordered },
  { id: "sent_at", label: "Sent", sort: "sent_at", wide: true, render: (d) => d.sent_at && <When at={d.sent_at} /> },
  { id: "received_at", label: "All there", sort: "received_at", render: (d) => d.received_at && <When at={d.received_at} /> },
  { id: "days", label: "Days", sort: "days", align: "right", render: (d) => d.days },
];

const FILTERS: Filter[] = [
  { field: "supplier", label: "Supplier", kind: "text", operator: "eq", hint: "Code of a supplier" },
  { field: "sku", label: "SKU", kind: "text", operator: "eq", hint: "exactly" },
  { field: "node", label: "At", kind: "text", operator: "eq", hint: "Code of a node" },
  { field: "days", label: "Days", kind: "number" },
  { field: "sent_at", label: "Sent", kind: "date" },
  { field: "received_at", label: "All there", kind: "date" },
];

export function DeliveryList() {
  const listing = useListing<Row>("deliveries", { sort: "-received_at" });
  return (
    <ListPage
      title="Deliveries"
      about="Order lines that have come whole, and the full days from the sending of the order to the last unit."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      siblings={SIBLINGS}
      href={(d) => `/purchases/${d.purchase_id}`}
      before={<SearchField field="number_start" label="Order number begins with" />}
      empty={<Empty title="No delivery fits">They are here once every unit of an order's line has come.</Empty>}
    />
  );
}
