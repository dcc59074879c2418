import type { Shape } from "@/api/client";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { SearchField } from "@/parts/SearchField";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { SkuLink } from "@/stock/stock";
import { TIMINGS } from "./scores";
import { SIBLINGS, SupplierLink } from "./supplier";

type Row = Shape<"SupplierPromise"> & { id: string };

const COLUMNS: Column<Row>[] = [
  { id: "number", label: "Order", sort: "number", render: (p) => <span className="strong">{p.number}</span> },
  { id: "supplier", label: "Supplier", sort: "supplier", render: (p) => <SupplierLink supplier={p.supplier} /> },
  { id: "sku", label: "SKU", sort: "sku", grow: true, render: (p) => <SkuLink sku={p.sku} /> },
  { id: "node", label: "At", render: (p) => p.node },
  { id: "ordered", label: "Ordered", align: "right", render: (p) => p.ordered },
  { id: "received", label: "Came", align: "right", render: (p) => p.received },
  { id: "sent_at", label: "Sent", sort: "sent_at", extra: true, render: (p) => p.sent_at && <When at={p.sent_at} /> },
  { id: "first_promised_at", label: "First date", wide: true, render: (p) => p.first_promised_at && <When at={p.first_promised_at} /> },
  { id: "first_in_time", label: "By then", wide: true, align: "right", render: (p) => p.first_in_time },
  { id: "first_timing", label: "Held", wide: true, render: (p) => <Chip state={p.first_timing} /> },
  { id: "promised_at", label: "Confirmed for", render: (p) => p.promised_at && <When at={p.promised_at} /> },
  { id: "in_time", label: "By then", align: "right", render: (p) => p.in_time },
  { id: "timing", label: "Held", render: (p) => <Chip state={p.timing} /> },
];

const CHOICES = [...TIMINGS, "cancelled"];

const FILTERS: Filter[] = [
  { field: "supplier", label: "Supplier", kind: "text", operator: "eq", hint: "Code of a supplier" },
  { field: "sku", label: "SKU", kind: "text", operator: "eq", hint: "exactly" },
  { field: "node", label: "At", kind: "text", operator: "eq", hint: "Code of a node" },
  { field: "timing", label: "Confirmed date", kind: "choice", choices: CHOICES },
  { field: "first_timing", label: "First date", kind: "choice", choices: CHOICES },
  { field: "otif", label: "Whole by the confirmed date", kind: "yes" },
  { field: "first_otif", label: "Whole by the first date", kind: "yes" },
  { field: "promised_at", label: "Confirmed for", kind: "date" },
  { field: "first_promised_at", label: "First promised for", kind: "date" },
  { field: "sent_at", label: "Sent", kind: "date" },
];

export function PromiseList() {
  const listing = useListing<Row>("supplier-promises", { sort: "-number" });
  return (
    <ListPage
      title="Promises"
      about="Lines of orders that suppliers have: what was promised of each, and how many units had come by the end of that day."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      siblings={SIBLINGS}
      href={(p) => `/purchases/${p.purchase_id}`}
      before={<SearchField field="number_start" label="Order number begins with" />}
      empty={<Empty title="No line fits">They are here once an order was sent to its supplier.</Empty>}
    />
  );
}
