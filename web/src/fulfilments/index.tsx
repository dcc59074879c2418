import { Route, Routes } from "react-router";
import type { Shape } from "@/api/client";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { SearchField } from "@/parts/SearchField";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { ReleaseBar } from "./ReleaseBar";

type Fulfilment = Shape<"Fulfilment">;

const COLUMNS: Column<Fulfilment>[] = [
  { id: "number", label: "Fulfilment", sort: "number", render: (f) => f.number },
  { id: "order_number", label: "Order", render: (f) => f.order_number },
  { id: "node", label: "Node", sort: "node", render: (f) => f.node },
  { id: "status", label: "Status", sort: "status", render: (f) => <span className="row"><Chip state={f.status} />{f.order_status === "held" && <Chip state="held" label="Order held" />}</span> },
  { id: "lines", label: "Units", grow: true, render: (f) => f.lines.map((l) => `${l.quantity} × ${l.sku}`).join(", ") },
  { id: "released_at", label: "On the floor", render: (f) => <Released of={f} /> },
  { id: "due_at", label: "Due", sort: "due_at", render: (f) => <When at={f.due_at} /> },
  { id: "created_at", label: "Ready since", sort: "created_at", extra: true, render: (f) => <When at={f.created_at} /> },
  { id: "service", label: "Goes with", extra: true, render: (f) => f.service ?? "" },
  { id: "updated_at", label: "Changed", extra: true, render: (f) => <When at={f.updated_at} /> },
  { id: "delivered_at", label: "Arrived", extra: true, render: (f) => <When at={f.delivered_at} /> },
  { id: "shipped_at", label: "Left", sort: "shipped_at", align: "right", wide: true, render: (f) => <When at={f.shipped_at} /> },
];

const STATES = ["ready", "picking", "picked", "packed", "shipped", "delivered", "cancelled"] as const;

const FILTERS: Filter[] = [
  { field: "status", label: "Status", kind: "choice", choices: STATES },
  { field: "node", label: "Node", kind: "text", operator: "eq", hint: "Code of a node" },
  { field: "order_number", label: "Order", kind: "text", operator: "start" },
  { field: "order_status", label: "Order's status", kind: "text", operator: "eq" },
  { field: "released_at", label: "On the floor", kind: "date" },
  { field: "due_at", label: "Due", kind: "date" },
  { field: "service", label: "Goes with", kind: "text", operator: "start" },
  { field: "wave_number", label: "Wave", kind: "text", operator: "eq" },
  { field: "created_at", label: "Ready since", kind: "date" },
  { field: "shipped_at", label: "Left", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "To release", filters: { status_eq: "ready", released_at_null: "true" } },
  { label: "To pick", filters: { status_eq: "ready", released_at_null: "false", order_status_not_eq: "held" } },
  { label: "Being picked", filters: { status_eq: "picking" } },
  { label: "To pack", filters: { status_eq: "picked" } },
  { label: "To send", filters: { status_eq: "packed" } },
];

/** Since when it is on the floor; else what it waits for. */
function Released({ of: f }: { of: Fulfilment }) {
  if (f.released_at) return <span title={f.released_why ?? undefined}><When at={f.released_at} /></span>;
  if (f.status !== "ready") return <span className="faint">–</span>;
  if (f.wave_number) return <Chip state="waiting" label={`Wave ${f.wave_number}`} />;
  if (f.release_at) return <span className="quiet nowrap">comes <When at={f.release_at} /></span>;
  return <Chip state="waiting" label="For a wave" />;
}

function FulfilmentList() {
  const listing = useListing<Fulfilment>("fulfilments", { sort: "created_at", expand: "lines" });
  return (
    <ListPage
      title="Fulfilments"
      about="What each node has to send, and how far it is."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      href={(fulfilment) => `/orders/${fulfilment.order_id}`}
      bulk={<ReleaseBar />}
      before={<SearchField field="number_start" label="Number begins with" />}
      empty={<Empty title="No fulfilment fits" />}
    />
  );
}

export default function Fulfilments() {
  return (
    <Routes>
      <Route index element={<FulfilmentList />} />
    </Routes>
  );
}
