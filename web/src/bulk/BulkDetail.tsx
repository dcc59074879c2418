import Button from "@mui/material/Button";
import { useParams } from "react-router";
import { Link } from "react-router";
import type { Shape } from "@/api/client";
import { Chip, words } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Empty, Loading, ProblemNote } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { Progress } from "./Progress";
import { useBulk, useBulkVerbs } from "./BulkProgress";

type Row = Shape<"BulkRow"> & { id: string };

const FILTERS: Filter[] = [
  { field: "state", label: "Result", kind: "choice", choices: ["waiting", "sent", "done", "refused", "failed", "cancelled"] },
  { field: "label", label: "Record", kind: "text", operator: "start" },
];
const QUICK: QuickView[] = [
  { label: "All rows", filters: {} },
  { label: "Refused or failed", filters: { state_in: "refused,failed" } },
  { label: "Done", filters: { state_eq: "done" } },
];

/** An action on many records, with the result of each row. */
export function BulkDetail() {
  const { jobId = "" } = useParams();
  const job = useBulk(jobId);
  const { cancel, undo } = useBulkVerbs(jobId);
  const listing = useListing<Row>(`bulk/${jobId}/rows` as "bulk", { sort: "row_no" });
  const noun = job.data?.noun ?? "orders";
  const columns: Column<Row>[] = [
    { id: "row_no", label: "No.", align: "right", sort: "row_no", render: (r) => <span className="faint">{r.row_no}</span> },
    { id: "label", label: "Record", render: (r) => <Link to={`/${noun}/${r.record}`} className="link">{r.label}</Link> },
    { id: "state", label: "Result", render: (r) => <Chip state={r.state} tone={{ done: "ok", refused: "warn", failed: "bad" }[r.state] as "ok" | undefined} /> },
    { id: "sentence", label: "Why", grow: true, render: (r) => <span title={r.sentence ?? undefined}>{r.sentence}</span> },
    { id: "at", label: "When", sort: "at", render: (r) => <When at={r.at} /> },
  ];
  const title = job.data ? `${words(job.data.action)} ${job.data.total.toLocaleString("en-GB")} ${noun}` : "Bulk action";
  return (
    <ListPage
      title={title}
      crumbs={[{ label: "Bulk actions", to: "/actions" }]}
      listing={listing}
      columns={columns}
      filters={FILTERS}
      quick={QUICK}
      actions={
        <>
          {job.data?.next.includes("cancel") && (
            <Button loading={cancel.isPending} onClick={() => cancel.mutate(null)}>Cancel the rest</Button>
          )}
          {job.data?.next.includes("undo") && (
            <Button loading={undo.isPending} onClick={() => undo.mutate(null)}>Take back</Button>
          )}
        </>
      }
      about={
        <>
          {job.data ? <Progress total={job.data.total} counts={job.data.counts} /> : !job.error && <Loading lines={1} />}
          <ProblemNote problem={job.error ?? cancel.error ?? undo.error} />
          {undo.data && (
            <p>
              Being taken back: <Link className="link" to={`/actions/${undo.data.id}`}>see how far</Link>
            </p>
          )}
        </>
      }
      empty={<Empty title="No row fits" />}
    />
  );
}
