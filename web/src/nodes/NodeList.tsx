import type { Shape } from "@/api/client";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { SearchField } from "@/parts/SearchField";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { NewNodeButton } from "./PutNode";

export type Node = Shape<"Node">;
type Row = Node & { id: string };

const COLUMNS: Column<Row>[] = [
  { id: "code", label: "Node", sort: "code", render: (n) => n.code },
  { id: "name", label: "Name", sort: "name", grow: true, render: (n) => n.name },
  { id: "kind", label: "Kind", render: (n) => <Chip state={n.kind} tone="mute" /> },
  { id: "ships", label: "Ships", render: (n) => <Chip state={n.ships ? "yes" : "no"} tone={n.ships ? "ok" : "mute"} /> },
  { id: "cut_off", label: "Cut-off", render: (n) => <span className="nowrap">{n.cut_off.slice(0, 5)}<span className="unit">{n.time_zone}</span></span> },
  { id: "rank", label: "Rank", sort: "rank", align: "right", render: (n) => n.rank },
];

const FILTERS: Filter[] = [
  { field: "kind", label: "Kind", kind: "choice", choices: ["warehouse", "store"] },
  { field: "ships", label: "Ships", kind: "yes" },
  { field: "name", label: "Name", kind: "text" },
];

export function NodeList() {
  const listing = useListing<Row>("nodes", { sort: "rank" });
  return (
    <ListPage
      title="Nodes and bins"
      about="Warehouses and stores, in the order in which they are asked when an order is routed."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      href={(node) => `/nodes/${node.code}`}
      actions={<NewNodeButton />}
      before={<SearchField field="code_start" label="Code begins with" />}
      empty={<Empty title="No node fits" />}
    />
  );
}
