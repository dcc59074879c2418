import { Link } from "react-router";
import type { Shape } from "@/api/client";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Money } from "@/parts/Money";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { choiceHref, share, SIBLINGS } from "./carrier";

type Row = Shape<"CarrierParcel"> & { id: string };

const CAME: Record<string, { label: string; tone: "ok" | "bad" | "warn" | "info" }> = {
  in_time: { label: "In time", tone: "ok" },
  late: { label: "Late", tone: "bad" },
  overdue: { label: "Overdue", tone: "warn" },
  on_its_way: { label: "On its way", tone: "info" },
};

const COLUMNS: Column<Row>[] = [
  { id: "tracking_number", label: "Parcel", render: (p) => <span className="mono strong">{p.tracking_number}</span> },
  { id: "service", label: "Service", grow: true, render: (p) => `${p.carrier} ${p.service}` },
  { id: "node", label: "Lane", render: (p) => `${p.node} → ${p.country}` },
  { id: "came", label: "Came", render: (p) => <Chip state={p.came} {...CAME[p.came]} /> },
  { id: "days", label: "Days of", align: "right", render: (p) => `${p.days ?? "–"} of ${p.due_days ?? "–"}` },
  { id: "late_ppm", label: "Late was meant", sort: "late_ppm", align: "right", render: (p) => share(p.late_ppm) },
  { id: "sent_at", label: "Left", sort: "sent_at", render: (p) => <When at={p.sent_at} /> },
  { id: "arrived_at", label: "Came", render: (p) => (p.arrived_at ? <When at={p.arrived_at} /> : <span className="faint">–</span>) },
  { id: "amount", label: "Cost", sort: "amount", align: "right", render: (p) => <Money amount={p.amount} currency={p.currency} /> },
  { id: "order_id", label: "", render: (p) => <Link className="link" to={`/orders/${p.order_id}`}>Order</Link> },
  { id: "choice_id", label: "", render: (p) => p.choice_id && <Link className="link" to={choiceHref(p.choice_id)}>Why</Link> },
];

const FILTERS: Filter[] = [
  { field: "carrier", label: "Carrier", kind: "text", operator: "eq" },
  { field: "service", label: "Service", kind: "text", operator: "eq" },
  { field: "node", label: "Node", kind: "text", operator: "eq" },
  { field: "country", label: "Country", kind: "text", operator: "eq", hint: "DE" },
  { field: "came", label: "Came", kind: "choice", choices: Object.keys(CAME) },
  { field: "lost", label: "Lost", kind: "yes" },
  { field: "explored", label: "Tried", kind: "yes" },
  { field: "days", label: "Days", kind: "number" },
  { field: "sent_at", label: "Left", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "Overdue", filters: { came_eq: "overdue" } },
  { label: "Late", filters: { came_eq: "late" } },
  { label: "Tried", filters: { explored_eq: "true" } },
];

export function ParcelList() {
  const listing = useListing<Row>("carrier-parcels", { sort: "-sent_at" });
  return (
    <ListPage
      title="Parcels with carriers"
      about="Every parcel that left with a label: what was foreseen of it, when it was due, and when it came."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      siblings={SIBLINGS}
      empty={<Empty title="No parcel fits">Take a filter away.</Empty>}
    />
  );
}
