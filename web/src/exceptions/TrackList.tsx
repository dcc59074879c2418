import { Link } from "react-router";
import type { Shape } from "@/api/client";
import { Chip, words } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { SIBLINGS } from "./exception";

type Track = Shape<"Track"> & { id: string };

const STATUSES = [
  "pending", "picked_up", "in_transit", "on_hold", "out_for_delivery", "ready_for_pickup", "delivered", "delivery_failed", "delivery_delayed", "return_to_sender", "cancelled", "unknown",
];

const COLUMNS: Column<Track>[] = [
  { id: "tracking_number", label: "Tracking number", render: (t) => <code>{t.tracking_number}</code> },
  { id: "order_number", label: "Order", render: (t) => <Link className="link" to={`/orders/${t.order_id}`}>{t.order_number}</Link> },
  { id: "carrier", label: "Carrier", sort: "carrier", grow: true, render: (t) => `${t.carrier} ${t.service}` },
  { id: "status", label: "Status", sort: "status", render: (t) => <Chip state={t.status} label={t.status === "pending" ? "Not scanned yet" : undefined} tone={t.status === "pending" ? "mute" : undefined} /> },
  { id: "incident", label: "Incident", render: (t) => (t.incident ? words(t.incident) : <span className="faint">–</span>) },
  { id: "promised_on", label: "Promised by", sort: "promised_on", render: (t) => t.promised_on ?? <span className="faint">–</span> },
  { id: "late_days", label: "Days late", align: "right", render: (t) => t.late_days ?? <span className="faint">–</span> },
  { id: "delivered_at", label: "Delivered", extra: true, render: (t) => <When at={t.delivered_at} timeZone={t.time_zone} /> },
  { id: "last_at", label: "Last scan", sort: "last_at", align: "right", render: (t) => <When at={t.last_at} timeZone={t.time_zone} /> },
];

const FILTERS: Filter[] = [
  { field: "status", label: "Status", kind: "choice", choices: STATUSES },
  { field: "carrier", label: "Carrier", kind: "text", operator: "eq", hint: "Code of a carrier" },
  { field: "tracking_number", label: "Number", kind: "text", operator: "start" },
  { field: "order_number", label: "Order", kind: "text", operator: "eq" },
  { field: "promised_on", label: "Promised by", kind: "date" },
  { field: "last_at", label: "Last scan", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "On their way", filters: { status_not_in: "delivered,return_to_sender,cancelled" } },
  { label: "Not scanned yet", filters: { status_eq: "pending" } },
  { label: "Delivered late", filters: { late_days_gt: "0" } },
  { label: "All", filters: {} },
];

export function TrackList() {
  const listing = useListing<Track>("tracks", { sort: "-updated_at" });
  return (
    <ListPage
      title="Parcels on their way"
      about="Where every parcel stands by its carrier, on the clock of the place it goes to."
      crumbs={[{ label: "Parcel exceptions", to: "/exceptions" }]}
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      siblings={SIBLINGS}
      href={(t) => `/orders/${t.order_id}`}
      empty={<Empty title="No parcel fits" />}
    />
  );
}
