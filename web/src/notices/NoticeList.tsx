import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { NODE, NodeLink, SKU } from "@/stock/stock";
import { SupplierLink } from "@/suppliers/supplier";
import { noticeHref, RESTS_ON, type ShipNotice } from "./notice";

const COLUMNS: Column<ShipNotice>[] = [
  { id: "number", label: "Notice", sort: "number", render: (n) => <span className="strong">{n.number}</span> },
  { id: "reference", label: "Their number", extra: true, render: (n) => n.reference },
  { id: "supplier", label: "Supplier", sort: "supplier", grow: true, render: (n) => <SupplierLink supplier={n.supplier} /> },
  { id: "node", label: "To", sort: "node", render: (n) => <NodeLink node={n.node} /> },
  { id: "status", label: "Status", sort: "status", render: (n) => <Chip state={n.status} /> },
  { id: "expected_at", label: "Expected", sort: "expected_at", render: (n) => <When at={n.expected_at} /> },
  { id: "expected_late_at", label: "Late after", render: (n) => <When at={n.expected_late_at} /> },
  { id: "expected_from", label: "From", wide: true, render: (n) => <span title={n.expected_why}>{RESTS_ON[n.expected_from]}</span> },
  { id: "units", label: "Announced", align: "right", render: (n) => n.units },
  { id: "received", label: "Received", align: "right", render: (n) => n.received || <span className="faint">0</span> },
  { id: "short", label: "Short", align: "right", render: (n) => n.short || <span className="faint">0</span> },
  { id: "over", label: "Over", align: "right", render: (n) => n.over || <span className="faint">0</span> },
];

const FILTERS: Filter[] = [
  { field: "status", label: "Status", kind: "choice", choices: ["announced", "in_transit", "arrived", "receiving", "received", "closed", "cancelled"] },
  { field: "supplier", label: "Supplier", kind: "text", operator: "eq", hint: "Code of a supplier" },
  NODE,
  { field: "reference", label: "Their number", kind: "text", operator: "eq", hint: "As the supplier wrote it" },
  SKU,
  { field: "expected_at", label: "Expected", kind: "date" },
  { field: "expected_late_at", label: "Late after", kind: "date" },
  { field: "expected_from", label: "From", kind: "choice", choices: Object.keys(RESTS_ON), names: RESTS_ON },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "On its way", filters: { status_in: "announced,in_transit" } },
  { label: "Late", filters: { status_in: "announced,in_transit", expected_late_at_lt: "now" } },
  { label: "At the dock", filters: { status_in: "arrived,receiving" } },
  { label: "Done", filters: { status_in: "received,closed,cancelled" } },
];

export function NoticeList() {
  const listing = useListing<ShipNotice>("advance-notices", { sort: "-announced_at" });
  return (
    <ListPage
      title="Ship notices"
      about="What suppliers say is on its way, and what came of it."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      href={(n) => noticeHref(n.id)}
      empty={<Empty title="No notice fits">They are written down on the page of their purchase order.</Empty>}
    />
  );
}
