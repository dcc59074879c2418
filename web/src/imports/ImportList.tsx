import Button from "@mui/material/Button";
import { FileUp } from "lucide-react";
import { Link } from "react-router";
import type { Shape } from "@/api/client";
import { Chip, words } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { actorText } from "@/parts/History";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { runHref } from "./run";

type Row = Shape<"ImportRun">;

const COLUMNS: Column<Row>[] = [
  { id: "file_name", label: "File", sort: "file_name", grow: true, render: (r) => r.file_name },
  { id: "kind", label: "Of", render: (r) => words(r.kind) },
  { id: "status", label: "Status", render: (r) => <Chip state={r.status} /> },
  { id: "total_rows", label: "Rows", align: "right", render: (r) => r.total_rows.toLocaleString("en-GB") },
  { id: "failed_rows", label: "Left out", align: "right", render: (r) => (r.failed_rows > 0 ? r.failed_rows.toLocaleString("en-GB") : <span className="faint">–</span>) },
  { id: "preset", label: "Known as", wide: true, render: (r) => (r.preset ? words(r.preset) : <span className="faint">–</span>) },
  { id: "owner", label: "By", extra: true, render: (r) => <span className="quiet">{actorText(r.owner)}</span> },
  { id: "size_bytes", label: "Size", align: "right", extra: true, render: (r) => `${Math.ceil(r.size_bytes / 1000).toLocaleString("en-GB")} kB` },
  { id: "ended_at", label: "Ended", sort: "ended_at", extra: true, align: "right", render: (r) => <When at={r.ended_at} /> },
  { id: "created_at", label: "Brought", sort: "created_at", align: "right", render: (r) => <When at={r.created_at} /> },
];

const FILTERS: Filter[] = [
  { field: "kind", label: "Of", kind: "text" },
  { field: "status", label: "Status", kind: "choice", choices: ["uploading", "ready", "checking", "running", "done", "cancelled"] },
  { field: "failed_rows", label: "Rows left out", kind: "number" },
  { field: "ended_at", label: "Ended", kind: "date" },
  { field: "created_at", label: "Brought", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "To do", filters: { status_in: "uploading,ready" } },
  { label: "Rows left out", filters: { status_in: "done,cancelled", failed_rows_gt: "0" } },
  { label: "Working", filters: { status_in: "checking,running" } },
];

/** Every file that was brought, newest first. */
export function ImportList() {
  const listing = useListing<Row>("imports", { sort: "-created_at" });
  return (
    <ListPage
      title="Imports"
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      href={(run) => runHref(run.id)}
      actions={
        <Button component={Link} to="/imports/new" variant="contained" color="primary" startIcon={<FileUp size={14} />}>
          Import a file
        </Button>
      }
      empty={
        <Empty icon={FileUp} title="No file was brought yet">
          Orders, products, customers and stock come in as CSV; exports of Shopify and Amazon are recognised.
        </Empty>
      }
    />
  );
}
