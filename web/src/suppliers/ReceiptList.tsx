import type { Shape } from "@/api/client";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { SearchField } from "@/parts/SearchField";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { NodeLink } from "@/stock/stock";
import { SIBLINGS, SupplierLink } from "./supplier";

type Row = Shape<"GoodsReceipt">;

const COLUMNS: Column<Row>[] = [
  { id: "number", label: "Receipt", sort: "number", render: (r) => <span className="strong">{r.number}</span> },
  { id: "supplier", label: "Supplier", sort: "supplier", render: (r) => <SupplierLink supplier={r.supplier} /> },
  { id: "scan", label: "Scan", grow: true, render: (r) => r.scan },
  { id: "node", label: "At", sort: "node", render: (r) => <NodeLink node={r.node} /> },
  { id: "units", label: "Units", align: "right", render: (r) => r.units },
  { id: "rejected", label: "Rejected", align: "right", render: (r) => r.rejected },
  { id: "status", label: "Status", render: (r) => <Chip state={r.status} /> },
  { id: "received_at", label: "Came", sort: "received_at", render: (r) => <When at={r.received_at} /> },
];

const FILTERS: Filter[] = [
  { field: "supplier", label: "Supplier", kind: "text", operator: "eq", hint: "Code of a supplier" },
  { field: "node", label: "At", kind: "text", operator: "eq", hint: "Code of a node" },
  { field: "status", label: "Status", kind: "choice", choices: ["booked", "taken_back"] },
  { field: "units", label: "Units", kind: "number" },
  { field: "rejected", label: "Rejected", kind: "number" },
  { field: "received_at", label: "Came", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "With rejected units", filters: { rejected_gt: "0" } },
  { label: "Taken back", filters: { status_eq: "taken_back" } },
];

export function ReceiptList() {
  const listing = useListing<Row>("receipts", { sort: "-received_at" });
  return (
    <ListPage
      title="Receipts"
      about="What came of purchase orders, one for each scan or delivery note, and how much of it was damaged, wrong or rejected."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      siblings={SIBLINGS}
      href={(r) => `/purchases/${r.purchase_id}`}
      before={<SearchField field="number_start" label="Receipt number begins with" />}
      empty={<Empty title="No receipt fits">They are here as soon as goods of an order have come.</Empty>}
    />
  );
}
