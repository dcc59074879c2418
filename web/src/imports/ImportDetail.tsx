import Button from "@mui/material/Button";
import { Download } from "lucide-react";
import { useState } from "react";
import { useParams } from "react-router";
import { answer, api } from "@/api/client";
import { useWrite } from "@/api/write";
import { Chip, words } from "@/parts/Chip";
import { Card, Page } from "@/parts/Page";
import { Loaded, ProblemNote } from "@/parts/states";
import { When } from "@/parts/When";
import { FailedRows } from "./FailedRows";
import { MapColumns } from "./MapColumns";
import { Bar } from "./NewImport";
import { at, TOUCHES, useRun, type Run } from "./run";

const CRUMBS = [{ label: "Imports", to: "/imports" }];
const DELIMITERS: Record<string, string> = { ",": "comma", ";": "semicolon", "\t": "tab", "|": "bar" };

/** One file: what its columns are, what would happen, how far it is, and what was left out. */
export function ImportDetail() {
  const { run = "" } = useParams();
  return (
    <Loaded query={useRun(run)} frame={(inside) => <Page title="Import" crumbs={CRUMBS}>{inside}</Page>}>
      {(found) => <Detail run={found} />}
    </Loaded>
  );
}

function Detail({ run }: { run: Run }) {
  const [columnsOpen, setColumnsOpen] = useState(false);
  const [rowsOpen, setRowsOpen] = useState(false);
  const first = columnsOpen ? "Save the columns first." : rowsOpen ? "Save the mended rows first." : null;
  return (
    <Page title={run.file_name} crumbs={CRUMBS} chips={<Chip state={run.status} />} about={<About run={run} />} actions={<Steps run={run} first={first} />}>
      <div className="stack">
        {run.why && (
          <p className="problem" role="status">
            {run.why}
          </p>
        )}
        <Progress run={run} />
        {run.rows.failed ? <FailedRows key={run.status} run={run} unsaved={setRowsOpen} /> : null}
        {run.columns.length > 0 && <MapColumns key={`${run.id}:${run.version}`} run={run} unsaved={setColumnsOpen} />}
      </div>
    </Page>
  );
}

function About({ run }: { run: Run }) {
  const read = run.encoding ? ` · ${run.encoding}, ${DELIMITERS[run.delimiter ?? ""] ?? run.delimiter}` : "";
  return (
    <>
      {words(run.kind)} · {run.total_rows.toLocaleString("en-GB")} rows{read} · brought <When at={run.created_at} />
    </>
  );
}

/** The server's next steps. `first` says what has to be saved before: a step would go by what is kept. */
function Steps({ run, first }: { run: Run; first: string | null }) {
  const act = useWrite(
    (verb: "check" | "start" | "cancel", once) => answer(api.POST(`/api/v1/import-runs/{run_id}/${verb}`, { ...at(run.id), ...once })),
    { touches: TOUCHES },
  );
  const has = (step: string) => run.next.includes(step);
  const failed = run.rows.failed ?? 0;
  const waiting = run.rows.waiting ?? 0;
  const again = run.status === "done" || run.status === "cancelled";
  const nothingLeft = again && failed + waiting === 0;
  return (
    <>
      {act.error && <ProblemNote problem={act.error} />}
      {first && <span className="quiet">{first}</span>}
      {has("cancel") && (
        <Button loading={act.isPending && act.variables === "cancel"} onClick={() => act.mutate("cancel")}>
          {run.status === "ready" || run.status === "uploading" ? "Leave it" : "Cancel"}
        </Button>
      )}
      {has("check") && (
        <Button variant="outlined" disabled={run.missing.length > 0 || first !== null} loading={act.isPending && act.variables === "check"} onClick={() => act.mutate("check")}>
          Dry run
        </Button>
      )}
      {has("start") && !nothingLeft && (
        <Button variant="contained" color="primary" disabled={run.missing.length > 0 || first !== null} loading={act.isPending && act.variables === "start"} onClick={() => act.mutate("start")}>
          {again ? `Import the ${(failed + waiting).toLocaleString("en-GB")} rows that are left` : "Import"}
        </Button>
      )}
    </>
  );
}

const VERDICTS = ["created", "updated", "unchanged", "skipped"] as const;

function Progress({ run }: { run: Run }) {
  const working = run.status === "checking" || run.status === "running";
  const dry = run.status === "checking" || (run.status === "ready" && run.dry_counts !== null);
  const counts = dry ? run.dry_counts : run.counts;
  if (run.started_at === null && run.dry_counts === null) return null;
  const left = run.rows.failed ?? 0;
  return (
    <Card
      title={run.status === "checking" ? "Dry run" : dry ? "What would happen" : working ? "Importing" : "What happened"}
      action={
        left > 0 ? (
          <Button component="a" href={`/api/v1/import-runs/${run.id}/failed.csv`} download startIcon={<Download size={14} />}>
            Rows left out, as CSV
          </Button>
        ) : null
      }
    >
      <div className="stack">
        {working && <Bar part={run.total_rows ? run.looked_at / run.total_rows : 0} label="Progress" />}
        {working && (
          <p className="quiet" aria-live="polite">
            {run.looked_at.toLocaleString("en-GB")} of {run.total_rows.toLocaleString("en-GB")} rows. You may leave this page.
          </p>
        )}
        <dl className="counts">
          {VERDICTS.map((verdict) => (
            <div key={verdict}>
              <dt>{words(verdict)}</dt>
              <dd>{(counts?.[verdict] ?? 0).toLocaleString("en-GB")}</dd>
            </div>
          ))}
          <div>
            <dt>Rows left out</dt>
            <dd data-tone={left > 0 ? "bad" : undefined}>{left.toLocaleString("en-GB")}</dd>
          </div>
        </dl>
        {dry && !working && <p className="quiet">Nothing was changed yet. Counted are {run.kind}; rows that were left out can be mended below.</p>}
      </div>
    </Card>
  );
}
