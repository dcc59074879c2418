import { useEffect, useRef, useState } from "react";
import { smaller } from "@/floor/photo";
import { moneyText } from "@/parts/Money";
import { codeHref, door, labelHref, photoHref, type Mine } from "./ask";
import { BackButton, Heading, Problem } from "./parts";
import { moment, say, sayOf, stateOf } from "./texts";

const LABEL_COMES = 2000; // ms: it is bought in the moment after the approval

/** A return that was asked for: what to do now, where it stands, what has happened. */
export function MyReturn({ of, currency, note, look, back }: { of: Mine; currency: string; note?: string; look: () => Promise<void>; back: () => void }) {
  const [isSure, setSure] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const waits = of.way === "label" && of.status === "approved" && of.tracking_number === null;

  useEffect(() => {
    if (!waits) return;
    const again = setTimeout(() => void look(), LABEL_COMES);
    return () => clearTimeout(again);
  }, [waits, look, of]);

  const doing = async (work: () => Promise<unknown>) => {
    setBusy(true);
    setProblem(null);
    try {
      await work();
      setSure(false);
    } catch (error) {
      setProblem(error);
    } finally {
      await look();
      setBusy(false);
    }
  };
  return (
    <section>
      <BackButton onPress={back} />
      <Heading>{say("yourReturn", { number: of.number })}</Heading>
      <p className="door-state" data-state={of.status}>{stateOf(of)}</p>
      {note && <p className="door-problem" role="alert">{note}</p>}
      <Problem of={problem} />
      {of.keeps && <p className="door-note">{say("kept")}</p>}
      {of.declined_because && <p className="door-note">{say("declined", { why: of.declined_because })}</p>}
      {(of.refunded > 0 || of.credit > 0) && (
        <p className="door-note">{of.refunded >= of.credit ? say("given", { amount: moneyText(of.refunded, currency) }) : say("owed", { amount: moneyText(of.credit, currency) })}</p>
      )}
      {waits && <p className="door-note" role="status">{say("labelComing")}</p>}
      {of.next.includes("label") && (
        <div className="door-card">
          <a className="door-main" href={labelHref(of.id)} target="_blank" rel="noreferrer">{say("printLabel")}</a>
          <p className="door-faint">{say("tracking", { carrier: of.carrier ?? "", number: of.tracking_number ?? "" })}</p>
        </div>
      )}
      {of.way === "drop_off" && of.status === "approved" && (
        <div className="door-card door-qr">
          <p>{say("showCode")}</p>
          <img src={codeHref(of.id)} alt={of.number} width={200} height={200} />
          <strong>{of.number}</strong>
        </div>
      )}
      {of.send_to.length > 0 && (
        <div className="door-card">
          <h2>{say("sendTo")}</h2>
          <address>{of.send_to.map((line) => <span key={line}>{line}</span>)}</address>
          <p>{say("writeNumber", { number: of.number })}</p>
        </div>
      )}
      <ul className="door-list">
        {of.lines.map((line) => (
          <li key={line.line_no} className="door-card">
            <strong>{line.quantity} × {line.title}</strong>
            <p className="door-faint">{sayOf("reason", line.reason)}</p>
            <div className="door-thumbs">
              {of.photos.filter((photo) => photo.line_no === line.line_no).map((photo) => (
                <img key={photo.id} src={photoHref(of.id, photo.id)} alt={say("photoOf", { title: line.title })} width={72} height={72} loading="lazy" />
              ))}
            </div>
            {of.next.includes("photo") && <AddPhoto title={line.title} isBusy={isBusy} add={(photo) => void doing(async () => door.photo(of.id, line.line_no, await smaller(photo)))} />}
          </li>
        ))}
      </ul>
      <h2>{say("steps")}</h2>
      <ol className="door-steps">
        {of.steps.map((step, n) => (
          <li key={n}>
            <span>{sayOf("step", step.what)}</span>
            <time dateTime={step.at} className="door-faint">{moment(step.at)}</time>
          </li>
        ))}
      </ol>
      {of.next.includes("cancel") && !isSure && <button type="button" className="door-second" onClick={() => setSure(true)}>{say("call_off")}</button>}
      {isSure && (
        <div className="door-card" role="group" aria-label={say("call_off")}>
          <p>{say("callOffSure")}</p>
          <button type="button" className="door-main" data-bad disabled={isBusy} onClick={() => void doing(() => door.cancel(of))}>{say("yes")}</button>
          <button type="button" className="door-second" onClick={() => setSure(false)}>{say("no")}</button>
        </div>
      )}
    </section>
  );
}

function AddPhoto({ title, isBusy, add }: { title: string; isBusy: boolean; add: (photo: File) => void }) {
  const camera = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" className="door-second" disabled={isBusy} onClick={() => camera.current?.click()}>{say("addPhoto")}</button>
      <input
        ref={camera}
        type="file"
        hidden
        aria-label={say("photoOf", { title })}
        accept="image/*"
        onChange={(event) => {
          const photo = event.target.files?.[0];
          if (photo) add(photo);
          event.target.value = "";
        }}
      />
    </>
  );
}
