import type { Shape } from "@/api/client";
import { Chip, words } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";

type Job = Shape<"BulkJob">;

const COLUMNS: Column<Job>[] = [
  { id: "action", label: "Action", grow: true, render: (j) => `${words(j.action)} ${j.total.toLocaleString("en-GB")} ${j.noun}` },
  { id: "status", label: "Status", render: (j) => <Chip state={j.status} /> },
  { id: "created_at", label: "Started", sort: "created_at", render: (j) => <When at={j.created_at} /> },
  { id: "ended_at", label: "Over", sort: "ended_at", render: (j) => <When at={j.ended_at} /> },
];
const FILTERS: Filter[] = [
  { field: "status", label: "Status", kind: "choice", choices: ["running", "cancelling", "cancelled", "done"] },
  { field: "noun", label: "Records", kind: "choice", choices: ["orders", "products"] },
  { field: "created_at", label: "Started", kind: "date" },
];

export function BulkList() {
  const listing = useListing<Job>("bulk", { sort: "-created_at" });
  return (
    <ListPage
      title="Bulk actions"
      about="What you did to many records at once."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      href={(job) => `/actions/${job.id}`}
      empty={<Empty title="No action on many records yet">Select rows in the orders or products with x, then choose what to do.</Empty>}
    />
  );
}
