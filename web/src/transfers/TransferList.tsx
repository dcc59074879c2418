import type { Shape } from "@/api/client";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { CreateButton } from "./CreateTransfer";

export type Transfer = Shape<"Transfer">;

const COLUMNS: Column<Transfer>[] = [
  { id: "id", label: "Transfer", render: (t) => `T-${t.id.slice(-6)}` },
  { id: "from_node", label: "Route", grow: true, render: (t) => `${t.from_node} → ${t.to_node}` },
  { id: "lines", label: "Lines", align: "right", render: (t) => t.lines.length },
  { id: "status", label: "Status", sort: "status", render: (t) => <Chip state={t.status} /> },
  { id: "created_at", label: "Planned", sort: "created_at", render: (t) => <When at={t.created_at} /> },
  { id: "updated_at", label: "Changed", sort: "updated_at", wide: true, render: (t) => <When at={t.updated_at} /> },
];

const FILTERS: Filter[] = [
  { field: "status", label: "Status", kind: "choice", choices: ["draft", "in_transit", "received", "cancelled"] },
  { field: "from_node", label: "From", kind: "text", operator: "eq", hint: "Code of a node" },
  { field: "to_node", label: "To", kind: "text", operator: "eq", hint: "Code of a node" },
  { field: "created_at", label: "Planned", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "Planned", filters: { status_eq: "draft" } },
  { label: "On their way", filters: { status_eq: "in_transit" } },
];

export function TransferList() {
  const listing = useListing<Transfer>("transfers", { sort: "-created_at", expand: "lines" });
  return (
    <ListPage
      title="Transfers"
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      href={(transfer) => `/transfers/${transfer.id}`}
      actions={<CreateButton />}
      empty={<Empty title="No transfer fits">Units move from node to node with a transfer.</Empty>}
    />
  );
}
