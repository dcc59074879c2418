import { Link } from "react-router";
import { noticeHref } from "@/notices/notice";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { NODE, NodeLink } from "@/stock/stock";
import { SupplierLink } from "@/suppliers/supplier";
import type { AnyAppointment } from "./calendar";
import { OpenButton } from "./Opened";

const none = <span className="faint">–</span>;
const COLUMNS: Column<AnyAppointment>[] = [
  { id: "number", label: "Appointment", sort: "number", render: (a) => <span className="strong">{a.number}</span> },
  { id: "node", label: "At", sort: "node", render: (a) => <NodeLink node={a.node} /> },
  { id: "dock", label: "Dock", sort: "dock", render: (a) => a.dock },
  { id: "starts_at", label: "From", sort: "starts_at", render: (a) => <When at={a.starts_at} /> },
  { id: "ends_at", label: "Until", render: (a) => <When at={a.ends_at} /> },
  { id: "status", label: "Status", sort: "status", render: (a) => <Chip state={a.status} /> },
  { id: "supplier", label: "Supplier", grow: true, render: (a) => (a.supplier ? <SupplierLink supplier={a.supplier} /> : none) },
  { id: "notice", label: "Ship notice", render: (a) => (a.notice_id ? <Link className="link" to={noticeHref(a.notice_id)}>{a.notice}</Link> : none) },
  { id: "purchase", label: "Order", render: (a) => (a.purchase_id ? <Link className="link" to={`/purchases/${a.purchase_id}`}>{a.purchase}</Link> : none) },
  { id: "expected_at", label: "Expected", render: (a) => <When at={a.expected_at} /> },
  { id: "late_minutes", label: "Late by", align: "right", render: (a) => (a.late_minutes ? <span className="minus">{a.late_minutes} min</span> : none) },
  { id: "verbs", label: "", align: "right", render: (a) => <OpenButton appointment={a} /> },
  { id: "carrier", label: "Carrier", extra: true, render: (a) => a.carrier ?? none },
  { id: "arrived_at", label: "Came", extra: true, render: (a) => <When at={a.arrived_at} /> },
  { id: "done_at", label: "Left", extra: true, render: (a) => <When at={a.done_at} /> },
];

const FILTERS: Filter[] = [
  NODE,
  { field: "dock", label: "Dock", kind: "text", operator: "eq", hint: "Code of a dock" },
  { field: "status", label: "Status", kind: "choice", choices: ["booked", "arrived", "done", "missed", "cancelled"] },
  { field: "supplier", label: "Supplier", kind: "text", operator: "eq", hint: "Code of a supplier" },
  { field: "carrier", label: "Carrier", kind: "text", operator: "eq", hint: "As it was written" },
  { field: "starts_at", label: "From", kind: "date" },
  { field: "ends_at", label: "Until", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "To come", filters: { status_eq: "booked", ends_at_gt: "now" } },
  { label: "Nobody came", filters: { status_eq: "booked", ends_at_lteq: "now" } },
  { label: "Expected too late", filters: { late_minutes_gt: "0" } },
  { label: "At the docks", filters: { status_eq: "arrived" } },
  { label: "Over", filters: { status_in: "done,missed,cancelled" } },
];

export function AppointmentList() {
  const listing = useListing<AnyAppointment>("appointments", { sort: "-starts_at" });
  return (
    <ListPage
      title="Appointments"
      about="Who has which dock, and when."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      empty={<Empty title="No appointment fits">They are booked in the <Link className="link" to="/docks">dock calendar</Link>.</Empty>}
    />
  );
}
