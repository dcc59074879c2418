import Button from "@mui/material/Button";
import { useRef, useState, type KeyboardEvent } from "react";
import { answer, api, type Shape } from "@/api/client";
import { Problem } from "@/api/problem";
import { useWrite } from "@/api/write";
import { Chip } from "@/parts/Chip";
import { actorText } from "@/parts/History";
import { Card } from "@/parts/Page";
import { SomebodyElse } from "@/parts/seen";
import { ProblemNote } from "@/parts/states";
import { useNotify } from "ra-core";
import { limitsText, nextUnit, TOUCHES, type Inspection, type LookedAt } from "./inspection";

type Unit = Shape<"UnitBody">;
type Body = Shape<"SampleBody">;
type Asked = Pick<LookedAt, "no" | "name" | "kind" | "unit" | "low" | "high" | "critical">;

/** Asked of a unit when the plan names nothing to look at. */
const CONFORMS: Asked = { no: 0, name: "Conforms", kind: "yes_no", unit: "", low: null, high: null, critical: false };

/** The units of a sample one after another, by the keyboard: `y` and `n`, a number and Enter. */
export function SampleSheet({ inspection, size }: { inspection: Inspection; size: number }) {
  const notify = useNotify();
  const [version, setVersion] = useState(inspection.version);
  const [recorded, setRecorded] = useState<number[]>([]);
  const [again, setAgain] = useState<number | null>(null);
  const said = new Set([...inspection.findings.map((f) => f.unit), ...recorded]);
  const unit = again ?? nextUnit(size, said);
  const record = useWrite(
    (body: Body, once) =>
      answer(api.POST("/api/v1/inspections/{inspection_id}/sample", { params: { path: { inspection_id: inspection.id } }, body, ...once })),
    {
      touches: TOUCHES,
      done: (now, { units }) => {
        setVersion(now.version);
        setRecorded((before) => [...before, ...units.map((u) => u.unit)]);
        setAgain(null);
        if (now.verdict) notify(`${now.number} is ${now.verdict}: ${now.verdict_why ?? ""}.`);
      },
    },
  );
  const seen = { version, isOld: inspection.version > version, renew: () => setVersion(inspection.version) };
  const isStale = record.error instanceof Problem && record.error.isStale;
  return (
    <>
      {unit !== null && (
        <Card title={`Unit ${unit} of ${size}`}>
          <div className="stack">
            <UnitSheet
              key={unit}
              unit={unit}
              asked={inspection.characteristics.length > 0 ? inspection.characteristics : [CONFORMS]}
              isBusy={record.isPending}
              isOff={seen.isOld}
              record={(found) => record.mutate({ units: [found], bin: null, version: seen.version })}
            />
            <SomebodyElse seen={seen} what="inspection" />
            {!isStale && <ProblemNote problem={record.error} />}
          </div>
        </Card>
      )}
      <Findings inspection={inspection} again={setAgain} />
    </>
  );
}

type SheetProps = { unit: number; asked: readonly Asked[]; isBusy: boolean; isOff: boolean; record: (unit: Unit) => void };

export function UnitSheet({ unit, asked, isBusy, isOff, record }: SheetProps) {
  const places = useRef(new Map<number, HTMLElement>());
  const button = useRef<HTMLButtonElement>(null);
  const [found, setFound] = useState<Record<number, boolean | string>>({});
  const [note, setNote] = useState("");
  const isWhole = asked.every(({ no, kind }) => (kind === "measured" ? String(found[no] ?? "").trim() !== "" : typeof found[no] === "boolean"));
  const place = (at: number) => (element: HTMLElement | null) => {
    if (element) places.current.set(at, element);
  };
  // After the last one the button waits for Enter: a slip there could bring a verdict, which nobody takes back.
  const goOn = (at: number) => (at + 1 < asked.length ? places.current.get(at + 1) : button.current)?.focus();
  const say = (at: number, no: number, ok: boolean) => {
    setFound((before) => ({ ...before, [no]: ok }));
    // The button cannot take the focus before it is drawn as one that may be pressed.
    setTimeout(() => goOn(at));
  };
  const keyed = (at: number, no: number) => (event: KeyboardEvent) => {
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey || event.altKey || (key !== "y" && key !== "n")) return;
    event.preventDefault();
    event.stopPropagation();
    say(at, no, key === "y");
  };
  const send = () => {
    const said = asked[0]?.no === 0 ? { conforming: found[0] === true, results: [] } : { conforming: null, results: asked.map(resultOf) };
    record({ unit, note: note.trim() || null, ...said });
  };
  const resultOf = ({ no, kind }: Asked) =>
    kind === "measured" ? { no, ok: null, value: String(found[no]).trim().replace(",", ".") } : { no, ok: found[no] === true, value: null };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (isWhole && !isBusy && !isOff) send();
      }}
    >
      {asked.map((one, at) => (
        <div key={one.no} className="line-units sample-line">
          <div>
            <span id={`looked-at-${one.no}`} className="strong">{one.name}</span> {one.critical && <Chip state="critical" tone="bad" />}
            <p className="faint small">{one.kind === "measured" ? limitsText(one) || "No limit" : "y or n"}</p>
          </div>
          {one.kind === "measured" ? (
            <input
              ref={place(at)}
              className="plain-input number"
              inputMode="decimal"
              autoComplete="off"
              autoFocus={at === 0}
              value={String(found[one.no] ?? "")}
              onChange={(event) => setFound({ ...found, [one.no]: event.target.value })}
              onKeyDown={(event) => {
                if (event.key !== "Enter" || at + 1 === asked.length) return;
                event.preventDefault();
                goOn(at);
              }}
              aria-labelledby={`looked-at-${one.no}`}
            />
          ) : (
            <div role="radiogroup" aria-labelledby={`looked-at-${one.no}`} className="row" onKeyDown={keyed(at, one.no)}>
              {([[true, "Yes"], [false, "No"]] as const).map(([ok, label]) => (
                <label key={label} className="row tight">
                  <input
                    ref={ok ? place(at) : undefined}
                    type="radio"
                    name={`looked-at-${one.no}`}
                    autoFocus={at === 0 && ok}
                    checked={found[one.no] === ok}
                    onChange={() => setFound({ ...found, [one.no]: ok })}
                  />
                  {label}
                </label>
              ))}
            </div>
          )}
        </div>
      ))}
      <input className="plain-input" value={note} onChange={(event) => setNote(event.target.value)} placeholder="Note, where there is something to say" aria-label="Note" maxLength={500} />
      <div className="row">
        <Button ref={button} type="submit" variant="contained" color="primary" disabled={!isWhole || isOff} loading={isBusy}>
          Record unit {unit}
        </Button>
        <span className="faint">The last unit that is needed brings the verdict.</span>
      </div>
    </form>
  );
}

/** What was found, unit by unit. `again` says a unit anew, as long as there is no verdict. */
export function Findings({ inspection, again }: { inspection: Inspection; again?: (unit: number) => void }) {
  const names = new Map(inspection.characteristics.map((c) => [c.no, c]));
  if (inspection.findings.length === 0) return null;
  return (
    <Card title="What was found" count={inspection.findings.length} flush>
      <table className="table">
        <thead>
          <tr>
            <th className="number">Unit</th>
            <th>Conforms</th>
            <th className="grow">Found</th>
            <th>By</th>
            {again && <th />}
          </tr>
        </thead>
        <tbody>
          {inspection.findings.map((f) => (
            <tr key={f.unit}>
              <td className="number">{f.unit}</td>
              <td>{f.conforming ? <Chip state="accepted" label="Yes" /> : <Chip state="rejected" tone="bad" label={f.critical ? "No, critical" : "No"} />}</td>
              <td className="grow">
                {f.results.map((r) => (
                  <span key={r.no} className={r.ok ? "unit" : "minus"}>
                    {names.get(r.no)?.name}: {r.value === null ? (r.ok ? "yes" : "no") : `${r.value} ${names.get(r.no)?.unit ?? ""}`}{" "}
                  </span>
                ))}
                {f.note}
              </td>
              <td className="quiet">{actorText(f.by)}</td>
              {again && (
                <td>
                  <Button size="small" aria-label={`Say unit ${f.unit} again`} onClick={() => again(f.unit)}>
                    Again
                  </Button>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
