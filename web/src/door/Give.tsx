import { useRef, useState } from "react";
import { smaller } from "@/floor/photo";
import { door, freshKey, type Line, type Question, type Reason, type Told, type View, type Way } from "./ask";
import { BackButton, Heading, Problem } from "./parts";
import { Sum } from "./Sum";
import { day, say, sayOf } from "./texts";

export type Wanted = { units: number; reason: Reason | ""; words: string; photos: Blob[] };
const NOTHING: Wanted = { units: 0, reason: "", words: "", photos: [] };
const MOST_PHOTOS = 8;

/** What the API takes: lines of which something comes back. */
export function questionOf(wanted: Record<number, Wanted>, way: Way): Question {
  const lines = Object.entries(wanted)
    .filter(([, one]) => one.units > 0 && one.reason !== "")
    .map(([line, one]) => ({ line_no: Number(line), quantity: one.units, reason: one.reason as Reason, remark: one.words.trim() || null }));
  return { lines, way };
}

export const isWhole = (wanted: Record<number, Wanted>) => {
  const chosen = Object.values(wanted).filter((one) => one.units > 0);
  return chosen.length > 0 && chosen.every((one) => one.reason !== "");
};

/** A new return: units and reasons, then the sum, then it is asked for. Going back loses nothing. */
export function Give({ view, back, done }: { view: View; back: () => void; done: (id: string, note?: string) => Promise<void> }) {
  const [wanted, setWanted] = useState<Record<number, Wanted>>({});
  const [way, setWay] = useState<Way>(view.ways[0] ?? "own");
  const [told, setTold] = useState<Told | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const key = useRef(freshKey());

  const doing = async (work: () => Promise<void>) => {
    setBusy(true);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const preview = () =>
    doing(async () => {
      setTold(await door.preview(questionOf(wanted, way)));
      key.current = freshKey();
      window.scrollTo(0, 0);
    });
  const confirm = (seen: Told) =>
    doing(async () => {
      const made = await door.request({ ...questionOf(wanted, way), total: seen.preview.total, label_price: seen.label?.amount ?? 0 }, key.current);
      let note: string | undefined;
      for (const [line, one] of Object.entries(wanted))
        for (const photo of one.units > 0 ? one.photos : [])
          await door.photo(made.id, Number(line), await smaller(photo)).catch((error: Error) => (note = say("photoFailed", { why: error.message })));
      await done(made.id, note);
    });

  if (told)
    return (
      <section>
        <BackButton onPress={() => { setTold(null); setProblem(null); }} />
        <Heading>{say("sum")}</Heading>
        <Sum told={told} />
        <Problem of={problem} />
        <button type="button" className="door-main" disabled={isBusy || !told.preview.allowed} onClick={() => void confirm(told)}>{say("confirm")}</button>
      </section>
    );
  return (
    <form onSubmit={(event) => { event.preventDefault(); void preview(); }}>
      <BackButton onPress={back} />
      <Heading>{say("whatComesBack")}</Heading>
      {view.lines.map((line) => (
        <OneLine key={line.line_no} line={line} reasons={view.reasons.filter((reason) => line.reasons.includes(reason))} wanted={wanted[line.line_no] ?? NOTHING} change={(one) => setWanted({ ...wanted, [line.line_no]: one })} />
      ))}
      <fieldset className="door-card">
        <legend>{say("how")}</legend>
        {view.ways.map((name) => (
          <label key={name} className="door-choice">
            <input type="radio" name="way" checked={way === name} onChange={() => setWay(name)} />
            <span>
              {sayOf("", name)}
              <span className="door-faint">{sayOf("", `${name}Help`)}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <Problem of={problem} />
      <button type="submit" className="door-main" disabled={isBusy || !isWhole(wanted)}>{say("seeSum")}</button>
    </form>
  );
}

function OneLine({ line, reasons, wanted, change }: { line: Line; reasons: Reason[]; wanted: Wanted; change: (one: Wanted) => void }) {
  const camera = useRef<HTMLInputElement>(null);
  const may = line.allowed && line.returnable > 0;
  const name = [line.title, ...Object.values(line.options)].join(", ");
  const step = (by: number) => change({ ...wanted, units: Math.max(0, Math.min(line.returnable, wanted.units + by)) });
  return (
    <section className="door-card" role="group" aria-label={name} data-off={!may || undefined}>
      <div className="door-item">
        {line.image ? <img src={line.image} alt="" width={56} height={56} loading="lazy" /> : <span className="door-blank" aria-hidden />}
        <div>
          <h2>{line.title}</h2>
          {Object.keys(line.options).length > 0 && <p className="door-faint">{Object.values(line.options).join(" · ")}</p>}
          <p className="door-faint">{verdictOf(line)}</p>
        </div>
      </div>
      {may && (
        <div className="door-units" role="group" aria-label={say("units")}>
          <button type="button" aria-label={`− ${name}`} disabled={wanted.units === 0} onClick={() => step(-1)}>−</button>
          <output aria-live="polite">{wanted.units} <span className="door-faint">{say("ofUnits", { most: line.returnable })}</span></output>
          <button type="button" aria-label={`+ ${name}`} disabled={wanted.units >= line.returnable} onClick={() => step(1)}>+</button>
        </div>
      )}
      {wanted.units > 0 && (
        <>
          <label>
            {say("reason")}
            <select value={wanted.reason} required onChange={(event) => change({ ...wanted, reason: event.target.value as Reason })}>
              <option value="" disabled>{say("chooseReason")}</option>
              {reasons.map((reason) => <option key={reason} value={reason}>{sayOf("reason", reason)}</option>)}
            </select>
          </label>
          <label>
            {say("words")}
            <textarea value={wanted.words} maxLength={500} rows={2} onChange={(event) => change({ ...wanted, words: event.target.value })} />
          </label>
          <div className="door-photos">
            <button type="button" className="door-second" onClick={() => camera.current?.click()} disabled={wanted.photos.length >= MOST_PHOTOS}>{say("photos")}</button>
            {wanted.photos.length === 0 ? (
              <span className="door-faint">{say("photosHelp")}</span>
            ) : (
              <span>
                {wanted.photos.length === 1 ? say("photoOne") : say("photoCount", { count: wanted.photos.length })}{" "}
                <button type="button" className="door-quiet" onClick={() => change({ ...wanted, photos: [] })}>{say("removePhotos")}</button>
              </span>
            )}
            <input
              ref={camera}
              type="file"
              hidden
              multiple
              aria-label={say("photoOf", { title: name })}
              accept="image/*"
              onChange={(event) => {
                change({ ...wanted, photos: [...wanted.photos, ...Array.from(event.target.files ?? [])].slice(0, MOST_PHOTOS) });
                event.target.value = "";
              }}
            />
          </div>
        </>
      )}
    </section>
  );
}

/** Until when a line may come back, or why it may not. */
export function verdictOf(line: Pick<Line, "verdict" | "until">): string {
  if (line.verdict === "over") return say("over", { day: line.until ? day(line.until) : "" });
  if (line.verdict === "open") return line.until ? say("until", { day: day(line.until) }) : say("anyTime");
  return sayOf("", line.verdict);
}
