import Button from "@mui/material/Button";
import { PackageSearch, Recycle, Scale, ShieldQuestion } from "lucide-react";
import { Link } from "react-router";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Money } from "@/parts/Money";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { SKU } from "@/stock/stock";
import { REASONS, returnHref, WAYS, type ReturnRow } from "./return";

const COLUMNS: Column<ReturnRow>[] = [
  { id: "number", label: "Return", sort: "number", render: (r) => <span className="strong">{r.number}</span> },
  { id: "order_number", label: "Order", grow: true, render: (r) => <Link className="link" to={`/orders/${r.order_id}`}>{r.order_number}</Link> },
  { id: "status", label: "Status", sort: "status", render: (r) => <Chip state={r.status} /> },
  { id: "refund_state", label: "Refund", render: (r) => <Chip state={r.refund_state} /> },
  { id: "parcel", label: "Parcel", render: (r) => (r.parcel === "awaited" ? <span className="faint">–</span> : <Chip state={r.parcel} />) },
  { id: "units", label: "Units", align: "right", render: (r) => r.units },
  { id: "credit", label: "Owed", sort: "credit", align: "right", render: (r) => (r.credit ? <Money amount={r.credit} currency={r.currency} /> : <span className="faint">–</span>) },
  { id: "due", label: "Missing", align: "right", render: (r) => (r.due ? <Money amount={r.due} currency={r.currency} /> : <span className="faint">–</span>) },
  { id: "exception", label: "Exception", wide: true, extra: true, render: (r) => r.exception ?? <span className="faint">–</span> },
  { id: "created_at", label: "Asked for", sort: "created_at", render: (r) => <When at={r.created_at} /> },
];

const FILTERS: Filter[] = [
  { field: "status", label: "Status", kind: "choice", choices: ["requested", "approved", "partly_received", "received", "refunded", "closed", "declined", "cancelled"] },
  { field: "refund_state", label: "Refund", kind: "choice", choices: ["none", "asked", "unknown", "settled", "failed", "short"] },
  { field: "way", label: "Sent", kind: "choice", choices: ["own", "label", "drop_off"], names: WAYS },
  { field: "parcel", label: "Parcel", kind: "choice", choices: ["awaited", "on_its_way", "arrived"] },
  { field: "tracking_number", label: "Tracking number", kind: "text", operator: "eq", hint: "Of its label" },
  { field: "reason", label: "Reason", kind: "choice", choices: Object.keys(REASONS), names: REASONS },
  { field: "order_number", label: "Order", kind: "text", operator: "eq", hint: "Number of the order" },
  SKU,
  { field: "created_at", label: "Asked for", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "To decide", filters: { status_eq: "requested" } },
  { label: "On their way", filters: { status_in: "approved,partly_received" } },
  { label: "Refund to look at", filters: { refund_state_in: "failed,short", status_not_eq: "closed" } },
  { label: "Done", filters: { status_in: "refunded,closed,declined,cancelled" } },
];

export function ReturnList() {
  const listing = useListing<ReturnRow>("returns", { sort: "-created_at" });
  return (
    <ListPage
      title="Returns"
      about="What customers give back, what it was like, and where their money is."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      href={(r) => returnHref(r.id)}
      actions={
        <>
          <Button component={Link} to="/returns/unknown?status_eq=waiting" startIcon={<PackageSearch size={14} />}>Unknown parcels</Button>
          <Button component={Link} to="/returns/dispositions?status_eq=waiting" startIcon={<Recycle size={14} />}>To be done</Button>
          <Button component={Link} to="/returns/signals?status_eq=open" startIcon={<ShieldQuestion size={14} />}>Signals</Button>
          <Button component={Link} to="/returns/policies" startIcon={<Scale size={14} />}>Policy</Button>
        </>
      }
      empty={<Empty title="No return fits">They begin on the page of their order.</Empty>}
    />
  );
}
