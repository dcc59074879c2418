import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { NoAnswer, Problem } from "@/api/problem";
import { useCan } from "@/parts/scopes";
import { asWrong, fresh, fromScanned, keptScans, known, needsLot, noticeOf, onBooked, readScan, sendPhoto, startsWith, takeBack, toldOf, type Booked, type Receiving, type Scanned } from "./dock";
import type { Kept } from "./kept";
import { smaller } from "./photo";
import { Reasons } from "./Reasons";
import { Refused } from "./Refused";
import { ScanBox } from "./ScanBox";
import { KeyButton, SignalNote } from "./Station";
import { straightOn } from "./shelf";
import { sentenceOf, useSignal } from "./signal";
import { FindProduct, giveBarcode, UnknownCode, type Found } from "./Unknown";
import { WhichNotice } from "./WhichNotice";
import { typedQuantity } from "./walk";

const DAMAGED = ["crushed", "wet", "broken", "seal or packing open"];
const WRONG = ["another article than was ordered", "another colour or size", "was not ordered at all"];
const TOUCHED = ["purchase-orders", "receipts", "stock", "ledger", "bin-stock", "advance-notices"];
const DAY = /^\d{4}-\d{2}-\d{2}$/;

type Mode = { condition: "good" | "inspect" | "damaged"; reason: string | null };
type Last = { one: Kept; receipt: Booked | null };
/** A scan that lacks its lot, and then its day of expiry. */
type Asking = { one: Kept; scanned: Pick<Scanned, "title" | "tracking">; step: "lot" | "expiry" };
/** A barcode of no product, and what becomes of it. */
type Unknown = { one: Kept; code: string; isSearching: boolean };
const GOOD: Mode = { condition: "good", reason: null };

/** One order, scan by scan. What is scanned is on the device at once and goes to the server behind it. */
export function AtDock({ order, asked, leave }: { order: Receiving; asked: string | null; leave: () => void }) {
  const { signal, say } = useSignal({ silent: true });
  const queries = useQueryClient();
  const { rows, isOnline } = useSyncExternalStore(keptScans.watch, keptScans.now);
  const [mode, setMode] = useState<Mode>(GOOD);
  const [choosing, setChoosing] = useState<"damage" | "end" | "notice" | null>(null);
  const [chosen, setChosen] = useState(() => startsWith(order.notices, asked));
  const [isOver, setOver] = useState(chosen === null);
  const [wrong, setWrong] = useState<Kept | null>(null);
  const [asking, setAsking] = useState<Asking | null>(null);
  const [unknown, setUnknown] = useState<Unknown | null>(null);
  const mayEdit = useCan()("write_catalog");
  const [isReading, setReading] = useState(false);
  const [last, setLast] = useState<Last[]>([]);
  const camera = useRef<HTMLInputElement>(null);

  useEffect(
    () =>
      onBooked((one, receipt) => {
        setLast((before) => before.map((each) => (each.one.scan === one.scan ? { one, receipt } : each)));
        for (const touched of TOUCHED) void queries.invalidateQueries({ queryKey: [touched] });
        const [ageing] = receipt.ageing as { said: string; expires_on: string; lot: string }[];
        if (ageing) say("wrong", `${one.title}: lot ${ageing.lot} ${ageing.said}`, `Its date is ${ageing.expires_on}.`);
        else if (receipt.inspections.length > 0 && one.condition === "good") say("through", `${one.title} is to be inspected first`, "Bring it to quarantine.");
        else {
          const told = straightOn(one.title, receipt.putaways);
          if (told) say("through", ...told);
        }
      }),
    [queries, say],
  );

  const here = rows.filter((row) => row.purchase === order.id);
  const waiting = here.filter((row) => !row.refused && !row.receipt && !row.undone);
  const refused = here.find((row) => row.refused);
  const recent = last[0];
  const notice = noticeOf(order.notices, chosen);
  const line = recent && order.lines.find((one) => one.line_no === recent.one.line_no);

  const keep = async (one: Kept, about?: string) => {
    setChosen(notice); // it stays named when its last unit makes it whole, and when another one is announced meanwhile
    try {
      await keptScans.keep(one);
    } catch {
      return say("wrong", "This device cannot keep the scan", "Its storage is full or switched off. Scan on another one.");
    }
    setLast((before) => [{ one, receipt: null }, ...before].slice(0, 50));
    const how = one.condition === "good" ? undefined : `${one.condition}${one.reason ? `: ${one.reason}` : ""}`;
    say("right", about ? one.title : `${one.quantity} × ${one.title}`, [how, about].filter(Boolean).join(". ") || undefined);
  };
  const inMode = (one: Kept): Kept => ({ ...one, condition: mode.condition, reason: mode.reason });
  const take = (one: Kept, scanned: Scanned) => {
    const filled = inMode({ ...one, ...fromScanned(scanned) });
    const found = scanned.package;
    if (found?.receipt) return say("wrong", `${scanned.title} is booked already`, `It is on ${found.receipt}. Nothing was booked.`);
    if (found) return keep(filled, toldOf(found));
    if (!needsLot(scanned)) return keep(filled);
    setAsking({ one: filled, scanned, step: "lot" });
    say("through", scanned.title, `Scan or type its ${scanned.tracking === "serial" ? "serial number" : "lot"}.`);
  };
  const read = async (code: string) => {
    const one = fresh(order.id, code, notice?.id ?? null);
    setReading(true);
    try {
      if (!navigator.onLine) throw new NoAnswer();
      await take(one, await readScan(order.id, code));
    } catch (error) {
      if (error instanceof NoAnswer || (error instanceof Problem && error.status >= 500)) await keep(inMode({ ...one, ...known(order, code) }));
      else if (error instanceof Problem && error.code === "not_on_this_order") {
        setWrong({ ...one, ...asWrong(error.details) });
        say("wrong", error.message);
      } else if (error instanceof Problem && error.code === "unknown_barcode") {
        setUnknown({ one, code: String(error.details.scanned), isSearching: false });
        say("wrong", error.message);
      } else say("wrong", sentenceOf(error), mode.condition === "good" ? "Nothing was booked." : undefined);
    } finally {
      setReading(false);
    }
  };
  /** The code is one of the line's product: its lot is asked for as after any scan. */
  const isLine = ({ one }: Unknown, line: Receiving["lines"][number]) => {
    setUnknown(null);
    const filled = inMode({ ...one, code: null, title: line.title, line_no: line.line_no });
    if (line.tracking === "none") return void keep(filled);
    setAsking({ one: filled, scanned: line, step: "lot" });
    say("through", line.title, `Scan or type its ${line.tracking === "serial" ? "serial number" : "lot"}.`);
  };
  const givesBarcode = async (it: Unknown, line: Receiving["lines"][number]) => {
    try {
      await giveBarcode(line, it.code);
      for (const touched of ["variants", "products", "purchase-orders"]) void queries.invalidateQueries({ queryKey: [touched] });
      isLine(it, line);
    } catch (error) {
      setUnknown(null);
      say("wrong", sentenceOf(error), "Nothing was booked.");
    }
  };
  const isFound = ({ one }: Unknown, { sku, title, tracking }: Found) => {
    setUnknown(null);
    const line = order.lines.find((each) => each.sku === sku);
    if (line) return isLine({ one, code: "", isSearching: false }, line);
    const found = { ...one, ...asWrong({ sku, title, lot: "" }) };
    if (tracking === "none") return setWrong(found);
    setAsking({ one: found, scanned: { title, tracking: tracking as Scanned["tracking"] }, step: "lot" });
    say("through", title, `Scan or type its ${tracking === "serial" ? "serial number" : "lot"}.`);
  };
  const askedFor = (code: string, { one, scanned, step }: Asking) => {
    if (step === "lot") {
      if (!code) return say("wrong", `${scanned.title} needs its ${scanned.tracking === "serial" ? "serial number" : "lot"}`, "Esc leaves it out.");
      if (scanned.tracking === "lot") {
        setAsking({ one: { ...one, lot: code }, scanned, step: "expiry" });
        return say("through", `Lot ${code}`, "Type the day it expires, as 2027-06-30, or press Enter when it says none.");
      }
    } else if (code && !DAY.test(code)) return say("wrong", `${code} is no day`, "Write it as 2027-06-30.");
    setAsking(null);
    const whole = step === "lot" ? { ...one, lot: code } : { ...one, expires_on: code || null };
    if (whole.condition === "wrong") setWrong(whole);
    else void keep(whole);
  };
  const scan = (code: string) => {
    if (asking) return askedFor(code, asking);
    if (!code) return;
    const typed = typedQuantity(code);
    if (typed === null || order.lines.some((one) => one.barcode === code || one.supplier_sku === code)) return void read(code);
    if (!recent) return say("wrong", "Scan something first, then type how many there are");
    if (recent.one.lot && order.lines.some((one) => one.line_no === recent.one.line_no && one.tracking === "serial"))
      return say("wrong", "Each serial number is scanned by itself");
    if (recent.one.pallet) return say("wrong", "A pallet says itself how many are on it");
    if (typed < 2) return say("wrong", "One is booked already", "Type how many there are in all, or take it back.");
    void countAll(recent, typed);
  };
  /** The rest of what is counted. Goods that are sampled are one lot, so they are booked anew as one. */
  const countAll = async ({ one, receipt }: Last, typed: number) => {
    const isSampled = one.condition === "good" && one.photos.length === 0 && receipt !== null && receipt.inspections.length > 0;
    if (isSampled) {
      try {
        await takeBack(receipt.id, "counted in all");
      } catch (error) {
        return say("wrong", sentenceOf(error));
      }
      setLast((before) => before.filter((each) => each.one.scan !== one.scan));
    }
    const { scan: id, at } = fresh(order.id, null, one.notice);
    void keep({ ...one, scan: id, at, quantity: isSampled ? typed : typed - one.quantity, photos: [], accept_over: null });
  };
  const undo = async () => {
    if (!recent) return say("wrong", "Nothing was scanned here that could be taken back");
    const shown = `${recent.one.quantity} × ${recent.one.title}`;
    try {
      const kept = keptScans.now().rows.find((row) => row.scan === recent.one.scan);
      if (recent.receipt) await takeBack(recent.receipt.id);
      else if (kept && !kept.tried) await keptScans.drop(kept.scan);
      else if (kept) await keptScans.mend(kept.scan, { undone: true });
      setLast((before) => before.slice(1));
      for (const touched of TOUCHED) void queries.invalidateQueries({ queryKey: [touched] });
      say("through", `Taken back: ${shown}`);
    } catch (error) {
      say("wrong", sentenceOf(error));
    }
  };
  const addPhoto = async (file: File | undefined) => {
    if (!file || !recent) return;
    const photo = await smaller(file);
    try {
      const kept = keptScans.now().rows.find((row) => row.scan === recent.one.scan);
      if (kept) await keptScans.mend(kept.scan, { photos: [...kept.photos, photo] });
      else if (recent.receipt) {
        await sendPhoto(recent.receipt.id, photo);
        setLast((before) => before.map((each) => (each === recent ? { ...each, one: { ...each.one, photos: [photo] } } : each)));
      }
      say("right", "Photo kept", recent.one.title);
    } catch (error) {
      say("wrong", sentenceOf(error));
    }
  };
  const takePhoto = () => (recent ? camera.current?.click() : say("wrong", "Scan first what the photo shows"));
  const stop = () => {
    if (asking) setAsking(null);
    else if (mode.condition !== "good") setMode(GOOD);
    else return;
    say("through", "Back to good units");
  };
  const keys = {
    F2: () => setChoosing("damage"),
    F3: () => setMode(mode.condition === "inspect" ? GOOD : { condition: "inspect", reason: null }),
    F4: () => void undo(),
    F6: () => (order.notices.length > 0 || notice ? setChoosing("notice") : say("wrong", "Nothing of this order was announced")),
    F8: takePhoto,
    F9: () => setChoosing("end"),
    Escape: stop,
  };

  if (refused?.refused)
    return <Refused key={refused.scan} one={refused} lines={order.lines} reasons={WRONG} />;
  if (unknown?.isSearching)
    return <FindProduct choose={(found) => isFound(unknown, found)} back={() => setUnknown(null)} />;
  if (unknown)
    return (
      <UnknownCode
        code={unknown.code}
        lines={order.lines}
        isLine={(line) => isLine(unknown, line)}
        givesBarcode={mayEdit ? (line) => void givesBarcode(unknown, line) : null}
        search={() => setUnknown({ ...unknown, isSearching: true })}
        back={() => setUnknown(null)}
        backLabel="leave it, book nothing"
      />
    );
  if (wrong)
    return (
      <Reasons
        label="Wrong item"
        question={`${wrong.title} was not ordered on ${order.number}. What is it?`}
        reasons={WRONG}
        choose={(reason) => {
          setWrong(null);
          void keep({ ...wrong, reason });
        }}
        back={() => setWrong(null)}
        backLabel="leave it, book nothing"
      />
    );
  if (choosing === "damage")
    return (
      <Reasons
        label="What is damaged"
        question="What is wrong with the units? Then scan each of them."
        reasons={DAMAGED}
        choose={(reason) => {
          setChoosing(null);
          setMode({ condition: "damaged", reason });
        }}
        back={() => setChoosing(null)}
        backLabel="back"
      />
    );
  if (choosing === "notice")
    return (
      <WhichNotice
        offered={order.notices}
        choose={(one) => {
          setChoosing(null);
          setChosen(one);
          setOver(false);
          say("through", one ? `What you scan now came on ${one.number}` : "What you scan now came on no notice");
        }}
        back={() => setChoosing(null)}
      />
    );
  if (choosing === "end") return <TheEnd order={order} waiting={waiting.length} leave={leave} back={() => setChoosing(null)} />;
  return (
    <>
      <div className="floor-progress" role="img" aria-label={`${order.totals.received} of ${order.totals.ordered} units have come`}>
        <progress max={order.totals.ordered} value={order.totals.received} aria-hidden />
        <span>
          {order.totals.received} of {order.totals.ordered}
        </span>
      </div>
      {!isOnline && (
        <p className="floor-offline" role="alert">
          No connection. {waiting.length === 1 ? "1 scan is" : `${waiting.length} scans are`} kept on this device and will be booked when it is back. Scan on.
        </p>
      )}
      <div className="floor-now" data-step={mode.condition === "good" ? "bin" : "item"} data-condition={mode.condition}>
        <p className="floor-step">
          {order.number} from {order.supplier}
          {notice && ` on ${notice.number} (${notice.reference})`}
          {isOver && ` · the notice that was asked for takes nothing any more: this comes on none${order.notices.length > 0 ? ", unless F6 names another" : ""}`}
          {!notice && !isOver && order.notices.length > 1 && ` · ${order.notices.length} notices announce it: F6 says on which it came`}
          {mode.condition !== "good" && <strong className="floor-mode"> · booking as {mode.condition}{mode.reason ? `: ${mode.reason}` : ""} (Esc ends it)</strong>}
        </p>
        {line ? (
          <>
            <p className="floor-huge">
              {line.received} <span className="floor-taken">of {line.ordered}</span>
            </p>
            <p className="floor-title">{line.title}</p>
          </>
        ) : (
          <p className="floor-big">{recent ? recent.one.title : "Scan what has come"}</p>
        )}
        {recent && (
          <p className="floor-codes">
            <span>last: {recent.one.quantity} {recent.one.condition}</span>
            {recent.one.lot && <span>lot {recent.one.lot}</span>}
            {recent.one.expires_on && <span>expires {recent.one.expires_on}</span>}
          </p>
        )}
      </div>
      <SignalNote signal={signal} />
      <ScanBox
        label={asking ? (asking.step === "lot" ? `Lot or serial number of ${asking.scanned.title}` : `Expiry of lot ${asking.one.lot}`) : "Scan what has come"}
        placeholder={asking ? undefined : "Scan each, or scan one and type how many there are"}
        busy={isReading}
        onScan={scan}
        keys={keys}
      />
      <div className="floor-keys">
        <KeyButton keyName="F2" label="Damaged" onPress={keys.F2} />
        <KeyButton keyName="F3" label="To inspect" onPress={keys.F3} />
        <KeyButton keyName="F4" label="Take back last" onPress={keys.F4} disabled={!recent} />
        {(order.notices.length > 0 || notice) && <KeyButton keyName="F6" label="Which notice" onPress={keys.F6} />}
        <KeyButton keyName="F8" label="Photo" onPress={keys.F8} disabled={!recent} />
        <KeyButton keyName="F9" label="Done" onPress={keys.F9} />
      </div>
      <input
        ref={camera}
        type="file"
        hidden
        aria-label="Photo of what came"
        accept="image/jpeg,image/png,image/webp"
        capture="environment"
        onChange={(event) => {
          void addPhoto(event.target.files?.[0]);
          event.target.value = "";
        }}
      />
      <Lines order={order} waiting={waiting} />
    </>
  );
}

function Lines({ order, waiting }: { order: Receiving; waiting: Kept[] }) {
  return (
    <ul className="floor-list" aria-label="Lines of the order">
      {order.lines.map((line) => (
        <li key={line.line_no} data-done={line.short === 0 || undefined}>
          <span className="floor-units">
            {line.received} / {line.ordered}
          </span>
          <span className="floor-name">
            {line.title} <span className="faint mono">{line.sku}</span>
          </span>
          {line.over > 0 && <span className="floor-tag" data-tone="warn">{line.over} over</span>}
          {line.short > 0 && <span className="faint">{line.short} to come</span>}
          {line.inspect > 0 && <span className="floor-tag">{line.inspect} to inspect</span>}
          {line.damaged > 0 && <span className="floor-tag" data-tone="bad">{line.damaged} damaged</span>}
          <Waiting rows={waiting.filter((row) => row.line_no === line.line_no)} />
        </li>
      ))}
      {order.wrong.map((one) => (
        <li key={one.sku}>
          <span className="floor-units">{one.quantity}</span>
          <span className="floor-name">
            {one.title} <span className="faint mono">{one.sku}</span>
          </span>
          <span className="floor-tag" data-tone="bad">not ordered</span>
        </li>
      ))}
      {waiting.filter((row) => row.line_no === null).map((row) => (
        <li key={row.scan}>
          <span className="floor-name mono">{row.title}</span>
          <Waiting rows={[row]} />
        </li>
      ))}
    </ul>
  );
}

function Waiting({ rows }: { rows: Kept[] }) {
  if (rows.length === 0) return null;
  return <span className="floor-tag" data-tone="info">+ {rows.reduce((sum, row) => sum + row.quantity, 0)} not sent yet</span>;
}

/** What the order stands at when the truck is empty. */
function TheEnd({ order, waiting, leave, back }: { order: Receiving; waiting: number; leave: () => void; back: () => void }) {
  const { totals } = order;
  const facts = [
    totals.short > 0 && `${totals.short} short`,
    totals.over > 0 && `${totals.over} over`,
    totals.damaged > 0 && `${totals.damaged} damaged`,
    totals.wrong > 0 && `${totals.wrong} not ordered`,
    waiting > 0 && `${waiting} scans not sent yet`,
  ].filter(Boolean);
  return (
    <>
      <Reasons
        label="Done"
        question={`${order.number}: ${totals.received} of ${totals.ordered} have come${facts.length ? `, ${facts.join(", ")}` : ""}.`}
        reasons={[totals.short > 0 ? "The truck is empty: the rest comes later, or buying closes it short" : "The truck is empty"]}
        choose={leave}
        back={back}
        backLabel="there is more to scan"
      />
      <Lines order={order} waiting={[]} />
    </>
  );
}
