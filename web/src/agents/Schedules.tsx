import type { Shape } from "@/api/client";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { Ago, When } from "@/parts/When";
import { SIBLINGS } from "./siblings";

type Schedule = Shape<"Schedule"> & { id: string };

function every(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

const COLUMNS: Column<Schedule>[] = [
  { id: "name", label: "What", sort: "name", grow: true, render: (s) => <span className="strong">{s.name}</span> },
  { id: "agent", label: "By", render: (s) => s.agent },
  { id: "kind", label: "Task", wide: true, render: (s) => <code>{s.kind}</code> },
  { id: "every_seconds", label: "Every", align: "right", render: (s) => every(s.every_seconds) },
  { id: "last_at", label: "Last", render: (s) => <Ago at={s.last_at} /> },
  { id: "next_at", label: "Next", sort: "next_at", render: (s) => <When at={s.next_at} /> },
];

/** What happens by the clock. */
export function Schedules() {
  const listing = useListing<Schedule>("schedules", { sort: "name" });
  return (
    <ListPage
      title="Schedules"
      about="What happens by the clock. A time that was missed is made up once."
      siblings={SIBLINGS}
      listing={listing}
      columns={COLUMNS}
      filters={[{ field: "agent", label: "Agent", kind: "text", operator: "eq" }]}
      empty={<Empty title="Nothing happens by the clock" />}
    />
  );
}
