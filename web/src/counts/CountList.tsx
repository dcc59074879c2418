import type { Shape } from "@/api/client";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { OpenButton } from "./OpenCount";

export type Count = Shape<"CycleCount">;

const COLUMNS: Column<Count>[] = [
  { id: "bin", label: "Bin", render: (c) => <span className="mono">{c.bin}</span> },
  { id: "node", label: "Node", sort: "node", grow: true, render: (c) => c.node },
  { id: "lines", label: "SKUs", align: "right", render: (c) => c.lines.length },
  { id: "status", label: "Status", sort: "status", render: (c) => <Chip state={c.status} /> },
  { id: "created_at", label: "Begun", sort: "created_at", render: (c) => <When at={c.created_at} /> },
  { id: "updated_at", label: "Changed", sort: "updated_at", wide: true, render: (c) => <When at={c.updated_at} /> },
];

const FILTERS: Filter[] = [
  { field: "status", label: "Status", kind: "choice", choices: ["open", "posted", "cancelled"] },
  { field: "node", label: "Node", kind: "text", operator: "eq", hint: "Code of a node" },
  { field: "bin", label: "Bin", kind: "text", operator: "start" },
  { field: "created_at", label: "Begun", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "Open", filters: { status_eq: "open" } },
  { label: "Posted", filters: { status_eq: "posted" } },
];

export function CountList() {
  const listing = useListing<Count>("counts", { sort: "-created_at", expand: "lines" });
  return (
    <ListPage
      title="Counts"
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      href={(count) => `/counts/${count.id}`}
      actions={<OpenButton />}
      empty={<Empty title="No count fits">A bin is counted whole: what is not named was not there.</Empty>}
    />
  );
}
