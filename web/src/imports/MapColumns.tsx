import Button from "@mui/material/Button";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { useNotify } from "ra-core";
import { useEffect, useMemo, useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Chip } from "@/parts/Chip";
import { Card } from "@/parts/Page";
import { Loaded, ProblemNote } from "@/parts/states";
import { at, TOUCHES, useColumns, type Mapping, type Run, type Source } from "./run";
import { without } from "./without";

type Column = Shape<"ColumnShape">;

/** Each of our columns, where it comes from, and what the file says there. */
export function MapColumns({ run, unsaved }: { run: Run; unsaved: (is: boolean) => void }) {
  const columns = useColumns(run.kind);
  const [mapping, setMapping] = useState<Mapping>(run.mapping);
  const notify = useNotify();
  const save = useWrite(
    (wanted: Mapping, once) =>
      answer(api.PUT("/api/v1/import-runs/{run_id}/mapping", { ...at(run.id), body: { mapping: wanted, version: run.version }, ...once })),
    { touches: TOUCHES, done: () => notify("The columns are set.") },
  );
  const changed = JSON.stringify(mapping) !== JSON.stringify(run.mapping);
  useEffect(() => {
    unsaved(changed);
    return () => unsaved(false);
  }, [changed, unsaved]);
  const fitting = run.presets.filter((preset) => preset.fits);
  const open = run.status !== "checking" && run.status !== "running";
  const put = (name: string, source: Source | null) =>
    setMapping((before) => {
      const rest = without(before, name);
      return source ? { ...rest, [name]: source } : rest;
    });
  return (
    <Card
      title="Columns"
      flush
      action={
        <>
          {fitting.map((preset) => (
            <Chip key={preset.name} state="ok" tone="accent" label={`Known: ${preset.title}`} />
          ))}
          <Button variant="outlined" disabled={!changed || !open} loading={save.isPending} onClick={() => save.mutate(mapping)}>
            Save columns
          </Button>
        </>
      }
    >
      {(run.missing.length > 0 || save.error) && (
        <div className="card-body">
          {run.missing.length > 0 && (
            <p className="note">
              Say where <strong>{run.missing.join(", ")}</strong> comes from: a column of the file, or one value for all rows.
            </p>
          )}
          <ProblemNote problem={save.error} />
        </div>
      )}
      <Loaded query={columns}>
        {(found) => (
          <table className="table map">
            <thead>
              <tr>
                <th>Ours</th>
                <th>Comes from</th>
                <th>In the file</th>
              </tr>
            </thead>
            <tbody>
              {found.columns.map((column) => (
                <Line key={column.name} column={column} run={run} source={mapping[column.name]} put={(source) => put(column.name, source)} disabled={!open} />
              ))}
            </tbody>
          </table>
        )}
      </Loaded>
    </Card>
  );
}

type LineProps = { column: Column; run: Run; source: Source | undefined; put: (source: Source | null) => void; disabled: boolean };

const NOTHING = "nothing";
const VALUE = "value";

function Line({ column, run, source, put, disabled }: LineProps) {
  const presets = useMemo(() => run.presets.filter((p) => p.fits && column.name in p.columns), [run.presets, column.name]);
  const chosen = source?.take ? `take:${source.take}` : source?.preset ? `preset:${source.preset}` : source ? VALUE : NOTHING;
  const choose = (picked: string) => {
    const [how, ...what] = picked.split(":");
    if (picked === NOTHING) put(null);
    else if (picked === VALUE) put({ value: "" });
    else put(how === "take" ? { take: what.join(":") } : { preset: what.join(":") });
  };
  const samples = source?.take ? (run.columns.find((c) => c.name === source.take)?.samples ?? []) : [];
  const missing = run.missing.includes(column.name);
  const known = run.presets.find((p) => p.name === source?.preset);
  return (
    <tr>
      <td title={column.what}>
        <code>{column.name}</code> {column.required && <span className="unit">must</span>}
        {missing && <Chip state="missing" tone="bad" />}
        <div className="faint small">{column.what}</div>
      </td>
      <td>
        <div className="row">
          <TextField
            select
            size="small"
            fullWidth
            disabled={disabled}
            value={chosen}
            onChange={(event) => choose(event.target.value)}
            slotProps={{ htmlInput: { "aria-label": `Where ${column.name} comes from` } }}
          >
            <MenuItem value={NOTHING}>Not imported</MenuItem>
            <MenuItem value={VALUE}>The same in every row …</MenuItem>
            {presets.map((preset) => (
              <MenuItem key={preset.name} value={`preset:${preset.name}`}>
                As in: {preset.title}
              </MenuItem>
            ))}
            {run.columns.map(({ name }) => (
              <MenuItem key={name} value={`take:${name}`}>
                {name}
              </MenuItem>
            ))}
          </TextField>
          {chosen === VALUE && (
            <TextField
              size="small"
              disabled={disabled}
              value={source?.value ?? ""}
              placeholder={column.example}
              onChange={(event) => put({ value: event.target.value })}
              slotProps={{ htmlInput: { "aria-label": `${column.name} in every row` } }}
            />
          )}
        </div>
      </td>
      <td className="sample quiet" title={samples.join("\n")}>
        {known ? <span>read from {known.columns[column.name]}</span> : samples.join(" · ")}
      </td>
    </tr>
  );
}
