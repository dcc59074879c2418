import Button from "@mui/material/Button";
import { Plus } from "lucide-react";
import { Link } from "react-router";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { useCan } from "@/parts/scopes";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { Progress } from "./Progress";
import { SIBLINGS, waveHref, whole, type Wave } from "./wave";

const COLUMNS: Column<Wave>[] = [
  { id: "number", label: "Wave", sort: "number", render: (w) => <span className="strong">{w.number}</span> },
  { id: "name", label: "Name", grow: true, render: (w) => w.name },
  { id: "node", label: "Node", sort: "node", render: (w) => w.node },
  { id: "status", label: "State", sort: "status", render: (w) => <Chip state={w.status} /> },
  { id: "ready", label: "Progress", render: (w) => <Progress of={w} /> },
  { id: "taken", label: "Fulfilments", align: "right", render: (w) => whole(w.taken - w.gone) },
  { id: "due_at", label: "First cut-off", sort: "due_at", render: (w) => <When at={w.due_at} /> },
  { id: "released_at", label: "On the floor", render: (w) => <When at={w.released_at} /> },
  { id: "created_at", label: "Made", sort: "created_at", extra: true, render: (w) => <When at={w.created_at} /> },
];

const FILTERS: Filter[] = [
  { field: "status", label: "State", kind: "choice", choices: ["planned", "released", "done", "cancelled"] },
  { field: "node", label: "Node", kind: "text", operator: "eq", hint: "Code of a node" },
  { field: "created_at", label: "Made", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "Planned", filters: { status_eq: "planned" } },
  { label: "On the floor", filters: { status_eq: "released" } },
];

export function WaveList() {
  const listing = useListing<Wave>("waves", { sort: "-created_at" });
  const may = useCan()("write_fulfilment");
  return (
    <ListPage
      title="Waves"
      about="What comes to the floor together. Nodes that stream need none."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      siblings={SIBLINGS}
      href={(wave) => waveHref(wave.id)}
      actions={may && <Button variant="contained" component={Link} to="/waves/new" startIcon={<Plus size={14} />}>Plan a wave</Button>}
      empty={<Empty title="No wave fits">Set how a node releases first: by waves, or before a cut-off.</Empty>}
    />
  );
}
