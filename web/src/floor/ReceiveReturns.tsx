import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { freshKey } from "@/api/send";
import { GRADES, reasonText, TOUCHES } from "@/returns/return";
import { bookReturn, keepParcel, leftOf, lineFor, readReturn, readReturnScan, type Counted, type CountedGrade, type Parcel, type ReturnScan } from "./back";
import { smaller } from "./photo";
import { Reasons } from "./Reasons";
import { ScanBox } from "./ScanBox";
import { KeyButton, SignalNote, Station } from "./Station";
import { sentenceOf, useSignal } from "./signal";

const WORN = ["worn or used", "broken", "packing torn open", "parts are missing"];
const OTHER = ["another article", "another colour or size", "not as the customer says"];

export default function ReceiveReturns() {
  return <Station title="Receive returns">{(node) => <Dock key={node} node={node} />}</Station>;
}

function Dock({ node }: { node: string }) {
  const [parcel, setParcel] = useState<Parcel | null>(null);
  const [told, setTold] = useState<string | null>(null);
  if (parcel) return <InParcel parcel={parcel} node={node} leave={(said) => { setParcel(null); setTold(said ?? null); }} />;
  return <WhichParcel told={told} choose={setParcel} />;
}

type Choice = { label: string; choose: () => Promise<void> };

/** What the parcel says: its code, a tracking number, an order, a serial number, the customer's e-mail, or nothing. */
function WhichParcel({ told, choose }: { told: string | null; choose: (parcel: Parcel) => void }) {
  const { signal, say } = useSignal({ silent: true });
  const [isBusy, setBusy] = useState(false);
  const [choices, setChoices] = useState<Choice[]>([]);

  const open = async (id: string) => {
    const of = await readReturn(id);
    if (of.next.includes("receive")) choose({ kind: "return", of });
    else say("wrong", `${of.number} is ${of.status.replaceAll("_", " ")}`, of.next.includes("approve") ? "Somebody has to approve it before it is received." : "Nothing of it is to come.");
  };
  const found = async (scan: string, it: ReturnScan) => {
    const all: Choice[] = [
      ...it.returns.map((r) => ({ label: `${r.number} of order ${r.order_number}, ${r.open} to come`, choose: () => open(r.id) })),
      ...it.orders.map((o) => ({ label: `Order ${o.number}${o.customer ? ` of ${o.customer}` : ""}, without a request`, choose: () => Promise.resolve(choose({ kind: "order", id: o.id, number: o.number, scanned: scan })) })),
    ];
    const [only] = all;
    if (only && all.length === 1) return only.choose();
    setChoices(all);
    if (all.length === 0) say("wrong", "Nobody knows this", "F6 keeps it as an unknown parcel; or scan something else on it.");
  };
  const look = async (code: string) => {
    if (!code) return;
    setBusy(true);
    try {
      await found(code, await readReturnScan(code));
    } catch (error) {
      say("wrong", sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };
  const unknown = () => choose({ kind: "unknown", scanned: null });
  if (choices.length > 0)
    return (
      <Reasons
        label="Which of them"
        question="Which of them is it?"
        reasons={choices.map((one) => one.label)}
        choose={(label) => { setChoices([]); void choices.find((one) => one.label === label)?.choose().catch((error: unknown) => say("wrong", sentenceOf(error))); }}
        back={() => setChoices([])}
        backLabel="none of them"
      />
    );
  return (
    <>
      <div className="floor-now">
        <p className="floor-step">{told ?? "One parcel at a time"}</p>
        <p className="floor-big">Scan a return</p>
      </div>
      <SignalNote signal={signal} />
      <ScanBox label="Scan a return" placeholder="R100001, tracking, order or serial number, e-mail" busy={isBusy} onScan={(code) => void look(code)} keys={{ F6: unknown }} />
      <div className="floor-keys">
        <KeyButton keyName="F6" label="Nothing says whose it is" onPress={unknown} />
      </div>
    </>
  );
}

type Mode = { grade: CountedGrade; note: string | null };
const AS_NEW: Mode = { grade: "sellable", note: null };

/** One parcel, unit by unit. Nothing is booked before the end, so the last scan can always be taken back. */
function InParcel({ parcel, node, leave }: { parcel: Parcel; node: string; leave: (told?: string) => void }) {
  const { signal, say } = useSignal({ silent: true });
  const queries = useQueryClient();
  const [counted, setCounted] = useState<Counted[]>([]);
  const [mode, setMode] = useState<Mode>(AS_NEW);
  const [asking, setAsking] = useState<Counted | null>(null);
  const [choosing, setChoosing] = useState<"worn" | "other" | "end" | null>(null);
  const [isBusy, setBusy] = useState(false);
  const key = useRef(freshKey());
  const camera = useRef<HTMLInputElement>(null);
  const recent = counted.at(-1);
  const open = parcel.kind === "return" ? parcel.of.lines.reduce((sum, l) => sum + leftOf(parcel.of, counted, l.line_no), 0) : 0;

  const count = (one: Counted) => {
    setCounted((before) => [...before, one]);
    say("right", one.title, [one.grade === "sellable" ? null : `${GRADES[one.grade]}${one.note ? `: ${one.note}` : ""}`, one.lot && `number ${one.lot}`].filter(Boolean).join(", ") || undefined);
  };
  const fresh = (line: number | null, sku: string, title: string): Counted => ({ line, sku, title, grade: mode.grade, lot: "", note: mode.note, photos: [] });
  const take = (one: Counted, tracking: string) => {
    if (tracking === "none") return count(one);
    setAsking(one);
    say("through", one.title, `Scan or type its ${tracking === "serial" ? "serial number" : "lot"}.`);
  };
  const read = async (code: string) => {
    setBusy(true);
    try {
      const { unit } = await readReturnScan(code);
      if (!unit) return say("wrong", `${code} is no product`, "Press its line instead, if it is on the list.");
      if (parcel.kind !== "return") return take(fresh(null, unit.sku, unit.title), unit.tracking);
      const line = lineFor(parcel.of, counted, unit.sku);
      if (line) take(fresh(line.line_no, unit.sku, unit.title), unit.tracking);
      else say("wrong", `${unit.title} is not to come with ${parcel.of.number}`, "F3 says that something else came: scan what it should have been, or press its line.");
    } catch (error) {
      say("wrong", sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };
  const scan = (code: string) => {
    if (!code) return;
    if (!asking) return void read(code);
    setAsking(null);
    count({ ...asking, lot: code });
  };
  const undo = () => {
    if (!recent) return say("wrong", "Nothing was scanned yet");
    setCounted((before) => before.slice(0, -1));
    say("through", `Taken back: ${recent.title}`);
  };
  const addPhoto = async (file: File | undefined) => {
    if (!file || !recent) return;
    const photo = await smaller(file);
    setCounted((before) => before.map((one, n) => (n === before.length - 1 ? { ...one, photos: [...one.photos, photo] } : one)));
    say("right", "Photo kept", recent.title);
  };
  const book = async (isRestMissing: boolean) => {
    setChoosing(null);
    setBusy(true);
    try {
      let told: string;
      let failed: string | null;
      if (parcel.kind === "return") {
        failed = await bookReturn(parcel.of, node, counted, isRestMissing, key.current);
        told = `${parcel.of.number} is booked`;
      } else {
        const kept = await keepParcel(parcel, node, counted, null, key.current);
        failed = kept.failed;
        told = parcel.kind === "order" ? `Booked on order ${parcel.number}` : `Write ${kept.number} on the parcel and put it aside`;
      }
      for (const touched of [...TOUCHES, "unknown-parcels"]) void queries.invalidateQueries({ queryKey: [touched] });
      leave(failed ? `${told}. A photo was not kept: ${failed}` : told);
    } catch (error) {
      say("wrong", sentenceOf(error), "Nothing is lost: mend it, or try again with F9.");
    } finally {
      setBusy(false);
    }
  };
  const end = () => {
    if (isBusy) return;
    if (parcel.kind === "return" && open > 0) return setChoosing("end");
    if (parcel.kind === "order" && counted.length === 0) return say("wrong", "Scan what is in it first");
    void book(false);
  };
  const keys = {
    F2: () => setChoosing("worn"),
    F3: () => setChoosing("other"),
    F4: undo,
    F8: () => (recent ? camera.current?.click() : say("wrong", "Scan first what the photo shows")),
    F9: end,
    Escape: () => {
      if (asking) setAsking(null);
      else if (mode.grade !== "sellable") setMode(AS_NEW);
      else return;
      say("through", "Back to units that are as new");
    },
  };
  if (choosing === "worn" || choosing === "other")
    return (
      <Reasons
        label="What it is like"
        question={choosing === "worn" ? "What is wrong with the units? Then scan each of them." : "What came instead? Then scan or press what it should have been."}
        reasons={choosing === "worn" ? WORN : OTHER}
        choose={(note) => { setMode({ grade: choosing === "worn" ? "damaged" : "not_as_described", note }); setChoosing(null); }}
        back={() => setChoosing(null)}
        backLabel="back"
      />
    );
  if (choosing === "end")
    return (
      <Reasons
        label="The rest"
        question={open === 1 ? "1 unit was not in the parcel. What of it?" : `${open} units were not in the parcel. What of them?`}
        reasons={[...(counted.length > 0 ? ["still to come with another parcel"] : []), "missing: the customer did not send it"]}
        choose={(said) => void book(said.startsWith("missing"))}
        back={() => setChoosing(null)}
        backLabel="scan on"
      />
    );
  return (
    <>
      <div className="floor-now" data-step={mode.grade === "sellable" ? "bin" : "item"}>
        <p className="floor-step">
          {parcel.kind === "return" ? `${parcel.of.number} of order ${parcel.of.order_number}` : parcel.kind === "order" ? `Order ${parcel.number}, without a request` : "A parcel that nobody knows"}
          {mode.grade !== "sellable" && <strong className="floor-mode"> · {GRADES[mode.grade].toLowerCase()}: {mode.note} (Esc ends it)</strong>}
        </p>
        <p className="floor-huge">{counted.length}{parcel.kind === "return" && <span className="floor-taken"> of {counted.length + open}</span>}</p>
        <p className="floor-title">{recent ? recent.title : "Scan what is in it"}</p>
      </div>
      <SignalNote signal={signal} />
      <ScanBox label={asking ? `Number of ${asking.title}` : "Scan what is in it"} busy={isBusy} onScan={scan} keys={keys} />
      <div className="floor-keys">
        <KeyButton keyName="F2" label="Damaged" onPress={keys.F2} />
        <KeyButton keyName="F3" label="Something else" onPress={keys.F3} />
        <KeyButton keyName="F4" label="Take back last" onPress={keys.F4} disabled={!recent} />
        <KeyButton keyName="F8" label="Photo" onPress={keys.F8} disabled={!recent} />
        <KeyButton keyName="F9" label={parcel.kind === "unknown" ? "Keep it" : "Book it"} tone="primary" onPress={keys.F9} disabled={isBusy} />
        {counted.length === 0 && <button type="button" className="floor-key" onClick={() => leave()}>Another parcel</button>}
      </div>
      <input
        ref={camera}
        type="file"
        hidden
        aria-label="Photo of what came"
        accept="image/jpeg,image/png,image/webp"
        capture="environment"
        onChange={(event) => { void addPhoto(event.target.files?.[0]); event.target.value = ""; }}
      />
      <ul className="floor-list" aria-label="In this parcel">
        {parcel.kind === "return"
          ? parcel.of.lines.map((l) => (
              <li key={l.line_no} data-done={leftOf(parcel.of, counted, l.line_no) === 0 || undefined}>
                <span className="floor-units">{l.quantity - leftOf(parcel.of, counted, l.line_no)} / {l.quantity}</span>
                <button type="button" className="link floor-name" disabled={leftOf(parcel.of, counted, l.line_no) === 0} onClick={() => count(fresh(l.line_no, l.sku, l.title))}>
                  {l.title}
                </button>
                <span className="faint">{reasonText(l.reason)}{l.remark && `: ${l.remark}`}</span>
              </li>
            ))
          : counted.map((one, n) => (
              <li key={n}>
                <span className="floor-name">{one.title} <span className="faint mono">{one.sku}</span></span>
                <span className="faint">{GRADES[one.grade]}</span>
              </li>
            ))}
      </ul>
    </>
  );
}
