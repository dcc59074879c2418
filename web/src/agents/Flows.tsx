import { Link } from "react-router";
import type { Shape } from "@/api/client";
import { Chip, words } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { recordPlace } from "@/audit/places";
import { SIBLINGS } from "./siblings";

type Flow = Shape<"Flow">;

const COLUMNS: Column<Flow>[] = [
  { id: "name", label: "Process", render: (f) => <span className="strong">{words(f.name)}</span> },
  { id: "subject", label: "About", render: (f) => <Subject subject={f.subject} /> },
  { id: "state", label: "State", render: (f) => <Chip state={f.state} /> },
  { id: "step", label: "Step", align: "right", wide: true, render: (f) => f.step },
  { id: "error", label: "Why", grow: true, render: (f) => <span title={f.error ?? undefined}>{f.error}</span> },
  { id: "started_at", label: "Started", sort: "started_at", render: (f) => <When at={f.started_at} /> },
  { id: "ended_at", label: "Over", sort: "ended_at", wide: true, render: (f) => <When at={f.ended_at} /> },
];
const FILTERS: Filter[] = [
  { field: "state", label: "State", kind: "text", operator: "eq", hint: "running, undoing, done, undone, stuck" },
  { field: "name", label: "Process", kind: "text", operator: "eq" },
  { field: "subject", label: "About", kind: "text", operator: "eq" },
  { field: "started_at", label: "Started", kind: "date" },
];
const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "Running", filters: { state_in: "running,undoing" } },
  { label: "Stuck", filters: { state_eq: "stuck" } },
];

function Subject({ subject }: { subject: string }) {
  const place = recordPlace(subject);
  return place ? <Link className="link" to={place}>{subject.split(":")[0]} {subject.slice(-6)}</Link> : <code>{subject}</code>;
}

/** Processes that cross agents, and where they stand. */
export function Flows() {
  const listing = useListing<Flow>("flows", { sort: "-started_at" });
  return (
    <ListPage
      title="Flows"
      about="Processes that cross agents, step by step, with a way back."
      siblings={SIBLINGS}
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      empty={<Empty title="No process fits" />}
    />
  );
}
