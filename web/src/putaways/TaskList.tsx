import { Link } from "react-router";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { actorText } from "@/parts/History";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { NODE, NodeLink, SKU, SkuLink } from "@/stock/stock";
import { SIBLINGS, type PutawayTask } from "./putaway";

const COLUMNS: Column<PutawayTask>[] = [
  { id: "number", label: "Task", sort: "number", render: (t) => <span className="strong">{t.number}</span> },
  { id: "sku", label: "SKU", sort: "sku", render: (t) => <SkuLink sku={t.sku} /> },
  { id: "title", label: "Product", grow: true, render: (t) => t.title },
  { id: "lot", label: "Lot", extra: true, render: (t) => t.lot },
  { id: "node", label: "At", sort: "node", render: (t) => <NodeLink node={t.node} /> },
  { id: "bin", label: "Lies in", render: (t) => <span className="mono">{t.bin}</span> },
  { id: "quantity", label: "Came", align: "right", render: (t) => t.quantity },
  { id: "put_away", label: "Put away", align: "right", render: (t) => (t.put_away ? <Link className="link" to={`/putaways?task_eq=${t.number}`}>{t.put_away}</Link> : <span className="faint">0</span>) },
  { id: "left", label: "Left", align: "right", render: (t) => t.left || <span className="faint">0</span> },
  { id: "for_orders", label: "Orders wait", render: (t) => t.for_orders && <Chip state="for_orders" tone="accent" label="Orders wait" /> },
  { id: "unplaced_why", label: "No place", wide: true, render: (t) => t.unplaced > 0 && <span className="minus" title={t.unplaced_why ?? ""}>{t.unplaced} have no place</span> },
  { id: "status", label: "Status", render: (t) => <Chip state={t.status} /> },
  { id: "assigned_to", label: "With", wide: true, render: (t) => t.assigned_to && <span className="quiet">{actorText(t.assigned_to)}</span> },
  { id: "why", label: "From", wide: true, render: (t) => <span className="quiet">{t.why}</span> },
  { id: "created_at", label: "Since", sort: "created_at", render: (t) => <When at={t.created_at} /> },
];

const FILTERS: Filter[] = [
  { field: "status", label: "Status", kind: "choice", choices: ["ready", "started", "completed", "cancelled"] },
  NODE,
  SKU,
  { field: "unplaced", label: "Without a place", kind: "number" },
  { field: "for_orders", label: "Orders wait", kind: "yes" },
  { field: "created_at", label: "Since", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "To put away", filters: { status_in: "ready,started" } },
  { label: "Orders wait", filters: { status_in: "ready,started", for_orders_eq: "true" } },
  { label: "Without a place", filters: { unplaced_gt: "0" } },
];

export function TaskList() {
  const listing = useListing<PutawayTask>("putaway-tasks", { sort: "-created_at" });
  return (
    <ListPage
      title="Putaway tasks"
      about="What lies sellable in a receiving bin, and where it stands. The work itself is done at the station."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      siblings={SIBLINGS}
      empty={<Empty title="Nothing fits">Receipts and accepted inspections make these tasks.</Empty>}
    />
  );
}
