import Button from "@mui/material/Button";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { freshKey } from "@/api/send";
import { Card } from "@/parts/Page";
import { Loaded, ProblemNote } from "@/parts/states";
import { at, type Run } from "./run";
import { without } from "./without";

type Row = Shape<"RowShape">;
const AT_ONCE = 50;

/** Rows that were left out, to be mended cell by cell where they stand. */
export function FailedRows({ run, unsaved }: { run: Run; unsaved: (is: boolean) => void }) {
  const asked = useQuery({
    queryKey: ["imports", "failed", run.id, run.rows.failed],
    queryFn: () => answer(api.GET("/api/v1/import-runs/{run_id}/rows", { params: { path: { run_id: run.id }, query: { state_eq: "failed", limit: AT_ONCE } } })),
  });
  return (
    <Card title="Rows left out" count={run.rows.failed} flush>
      <Loaded query={asked} frame={(inside) => <div className="card-body">{inside}</div>}>
        {({ data, page }) => <Grid run={run} rows={data} more={Boolean(page.next_cursor)} unsaved={unsaved} />}
      </Loaded>
    </Card>
  );
}

type Edits = Record<number, Record<string, string>>;

function Grid({ run, rows, more, unsaved }: { run: Run; rows: Row[]; more: boolean; unsaved: (is: boolean) => void }) {
  const queries = useQueryClient();
  const [edits, setEdits] = useState<Edits>({});
  const [problem, setProblem] = useState<unknown>(null);
  const [saving, setSaving] = useState(false);
  const open = run.status !== "checking" && run.status !== "running";
  const heading = run.columns.map((column) => column.name);
  const changed = Object.entries(edits).filter(([, cells]) => Object.keys(cells).length > 0);

  const typed = changed.length > 0;
  useEffect(() => {
    unsaved(typed);
    return () => unsaved(false);
  }, [typed, unsaved]);

  const save = async () => {
    setSaving(true);
    setProblem(null);
    try {
      for (const [number, cells] of changed) {
        await answer(
          api.PATCH("/api/v1/import-runs/{run_id}/rows/{number}", {
            params: { path: { ...at(run.id).params.path, number: Number(number) } },
            body: { cells },
            headers: { "Idempotency-Key": freshKey() },
          }),
        );
        setEdits((all) => without(all, number));
      }
    } catch (error) {
      setProblem(error);
    } finally {
      setSaving(false);
      void queries.invalidateQueries({ queryKey: ["imports"] });
    }
  };
  const edit = (number: number, name: string, text: string, before: string) =>
    setEdits((all) => {
      const rest = without(all[number] ?? {}, name);
      return { ...all, [number]: text === before ? rest : { ...rest, [name]: text } };
    });
  return (
    <>
      <div className="grid-scroll">
        <table className="table mend">
          <thead>
            <tr>
              <th>Row</th>
              {heading.map((name) => (
                <th key={name}>{name}</th>
              ))}
            </tr>
          </thead>
          {rows.map((row) => (
            <tbody key={row.number}>
              <tr>
                <td className="number">
                  {row.number}
                  {row.mended && <span className="unit">mended</span>}
                </td>
                {heading.map((name, n) => (
                  <td key={name}>
                    <input
                      aria-label={`${name} of row ${row.number}`}
                      disabled={!open || saving}
                      value={edits[row.number]?.[name] ?? row.given[n] ?? ""}
                      data-wrong={isWrong(run, row, name) || undefined}
                      onChange={(event) => edit(row.number, name, event.target.value, row.given[n] ?? "")}
                    />
                  </td>
                ))}
              </tr>
              <tr className="why">
                <td />
                <td colSpan={heading.length}>{row.errors?.map((error) => error.message).join(" ")}</td>
              </tr>
            </tbody>
          ))}
        </table>
      </div>
      <div className="card-body stack">
        <ProblemNote problem={problem} />
        <div className="row wrap">
          <Button variant="contained" color="primary" disabled={changed.length === 0 || !open} loading={saving} onClick={() => void save()}>
            {changed.length > 0 ? `Save ${changed.length} mended ${changed.length === 1 ? "row" : "rows"}` : "Save mended rows"}
          </Button>
          <span className="quiet">
            Then import what is left; only these rows are looked at again.
            {more && ` These are the first ${AT_ONCE}: the file has them all.`}
          </span>
        </div>
      </div>
    </>
  );
}

/** Whether an error is about this cell, as far as one of their columns is one of ours. */
function isWrong(run: Run, row: Row, theirs: string): boolean {
  return (row.errors ?? []).some((error) => error.column !== null && run.mapping[error.column]?.take === theirs);
}
