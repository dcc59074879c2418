import { useState } from "react";
import { answer, api } from "@/api/client";
import { Problem } from "@/api/problem";
import { useWrite } from "@/api/write";
import { Reasons } from "./Reasons";
import { ScanBox } from "./ScanBox";
import { KeyButton, SignalNote } from "./Station";
import { binAt, forOrders, NEEDS_REASON, unitsFor, waitingFor, type Put, type ShelfTask, type Suggested } from "./shelf";
import { sentenceOf, type useSignal } from "./signal";
import { isItem, isSame, typedQuantity } from "./walk";

const OVERRIDES = ["there is room, whatever the limits say", "the suggested bin is full", "the suggested bin cannot be reached", "told to put it here"];
const STAYS = ["it is sold from where it lies", "there is no room for it", "it goes somewhere else"];
const TOUCHES = ["putaway-tasks", "stock", "bin-stock", "ledger"] as const;

type Asked = { bin: string; quantity: number };
type Props = {
  node: string;
  task: ShelfTask;
  signals: ReturnType<typeof useSignal>;
  isReading: boolean;
  isUndoing: boolean;
  undo: (() => void) | undefined;
  done: (state: Put, said: string) => void;
  leave: () => void;
};

/** One task: carry the units to a bin, scan it, say how many. Against a suggestion or a limit it asks for a reason. */
export function AtShelf({ node, task, signals: { signal, say }, isReading, isUndoing, undo, done, leave }: Props) {
  const [bin, setBin] = useState<string | null>(null);
  const [taken, setTaken] = useState(0);
  const [refused, setRefused] = useState<(Asked & { why: string }) | null>(null);
  const [isEnding, setEnding] = useState(false);
  const [isLooking, setLooking] = useState(false);
  const name = task.title ?? task.sku;
  const path = { params: { path: { task_id: task.id } } };
  const touches = [...TOUCHES];
  const put = useWrite(
    (body: Asked & { reason: string | null }, once) => answer(api.POST("/api/v1/putaway-tasks/{task_id}/put", { ...path, body, ...once })),
    { touches },
  );
  const giveBack = useWrite((_: null, once) => answer(api.POST("/api/v1/putaway-tasks/{task_id}/give-back", { ...path, body: {}, ...once })), { touches });
  const end = useWrite(
    (body: { reason: string }, once) => answer(api.POST("/api/v1/putaway-tasks/{task_id}/cancel", { ...path, body, ...once })),
    { touches },
  );
  const busy = put.isPending || giveBack.isPending || end.isPending || isReading || isUndoing || isLooking;

  const book = (asked: Asked, reason: string | null = null) =>
    put.mutate(
      { ...asked, reason },
      {
        onSuccess: (state) => {
          setBin(null);
          setTaken(0);
          done(state, `${asked.quantity} × ${name} in ${asked.bin}`);
        },
        onError: (error) => {
          setTaken(0);
          if (reason === null && error instanceof Problem && NEEDS_REASON.includes(error.code)) {
            say("wrong", error.message);
            setRefused({ ...asked, why: error.message });
          } else say("wrong", sentenceOf(error), "Nothing was booked.");
        },
      },
    );
  /** `otherwise`: what the code means when it is no bin. */
  const atBin = async (code: string, otherwise?: () => void) => {
    const suggested = task.suggestions.find((one) => isSame(code, one.bin));
    setLooking(true);
    try {
      const found = suggested?.bin ?? (await binAt(node, code));
      if (!found) return otherwise ? otherwise() : say("wrong", `${code} is no bin here`, isItem(code, task) ? "Scan the bin that it goes into." : undefined);
      if (found !== bin) setTaken(0); // somebody walked on
      setBin(found);
      const asUnits = otherwise && code.length < 4 ? `For so many units type 0${code}.` : undefined;
      if (suggested) say("right", `Bin ${found}`, asUnits);
      else say("through", `Bin ${found} is not the one that is suggested`, asUnits ?? "Say how many, and then why.");
    } catch (error) {
      say("wrong", sentenceOf(error));
    } finally {
      setLooking(false);
    }
  };
  const scan = (code: string) => {
    if (bin === null) return code ? void atBin(code) : say("wrong", "Scan the bin that it goes into");
    if (!code) return book({ bin, quantity: taken > 0 ? taken : unitsFor(bin, task) });
    if (isItem(code, task)) {
      if (taken >= task.left) return say("wrong", `Only ${task.left} are left to be put away`);
      setTaken(taken + 1);
      return say("right", `${taken + 1} × ${name}`, "Enter books them.");
    }
    const typed = typedQuantity(code);
    // A bin may be called 12: only what is no bin is a number of units.
    void atBin(code, typed ? () => book({ bin, quantity: typed }) : undefined);
  };
  const goBack = () => {
    if (bin !== null) {
      setBin(null);
      setTaken(0);
    } else leave();
  };
  const giveUp = () => {
    if (!task.next.includes("give_back")) return leave();
    giveBack.mutate(null, {
      onSuccess: () => {
        say("through", `${task.number} waits for somebody else`);
        leave();
      },
      onError: (error) => say("wrong", sentenceOf(error)),
    });
  };
  const keys = { F2: () => setEnding(true), ...(undo && { F4: undo }), F9: giveUp, Escape: goBack };

  if (refused)
    return (
      <Reasons
        label="Another bin, or beyond its limits"
        question={`${refused.quantity} × ${name} into ${refused.bin}: ${refused.why} Why there?`}
        reasons={OVERRIDES}
        choose={(reason) => {
          setRefused(null);
          book({ bin: refused.bin, quantity: refused.quantity }, reason);
        }}
        back={() => {
          setRefused(null);
          setBin(null);
        }}
        backLabel="put nothing there"
      />
    );
  if (isEnding)
    return (
      <Reasons
        label="Leave the rest"
        question={`${task.left} × ${name} stay in ${task.bin}. Why?`}
        reasons={STAYS}
        choose={(reason) => {
          setEnding(false);
          end.mutate(
            { reason },
            {
              onSuccess: () => {
                say("through", `${task.left} × ${name} stay in ${task.bin}`);
                leave();
              },
              onError: (error) => say("wrong", sentenceOf(error)),
            },
          );
        }}
        back={() => setEnding(false)}
        backLabel="back"
      />
    );
  if (!task.next.includes("put"))
    return (
      <>
        <div className="floor-now">
          <p className="floor-step">{task.number}</p>
          <p className="floor-big">Nothing of it is left to be put away</p>
          <KeyButton keyName="Enter" label="The list" tone="primary" onPress={leave} />
        </div>
        <SignalNote signal={signal} />
        <ScanBox label="Enter for the list" onScan={leave} keys={undo && { F4: undo }} />
      </>
    );
  const orders = forOrders(waitingFor(task));
  const next = task.suggestions[0];
  return (
    <>
      <div className="floor-progress" role="img" aria-label={`${task.put_away} of ${task.quantity - task.withdrawn} units are away`}>
        <progress max={task.quantity - task.withdrawn} value={task.put_away} aria-hidden />
        <span>
          {task.put_away} of {task.quantity - task.withdrawn}
        </span>
      </div>
      <div className="floor-now" data-step={bin === null ? "bin" : "item"}>
        {bin === null ? (
          <>
            <p className="floor-step">
              {next ? `${unitsFor(next.bin, task)} from ${task.bin} to bin` : `${task.left} in ${task.bin}`}
            </p>
            <p className={next ? "floor-huge" : "floor-big"}>{next?.bin ?? "No bin takes them"}</p>
          </>
        ) : (
          <>
            <p className="floor-step">Put into {bin}</p>
            <p className="floor-huge">
              {taken > 0 && <span className="floor-taken">{taken} of </span>}
              {unitsFor(bin, task)}
            </p>
          </>
        )}
        <p className="floor-title">{name}</p>
        <p className="floor-codes">
          <span className="mono">{task.sku}</span>
          {task.barcode && <span className="mono">{task.barcode}</span>}
          {task.lot && <span>Lot {task.lot}</span>}
          <span>{task.number}</span>
          {task.picked > 0 && <span>{task.picked} there are being picked</span>}
        </p>
        {orders && <p className="floor-tag" data-tone="info">{orders}</p>}
      </div>
      <SignalNote signal={signal} />
      <ScanBox
        label={bin === null ? "Scan the bin" : `How many are in ${bin}`}
        placeholder={bin === null ? "Scan the bin" : `Enter for ${taken > 0 ? taken : unitsFor(bin, task)}, or type how many`}
        busy={busy}
        onScan={scan}
        keys={keys}
      />
      <div className="floor-keys">
        <KeyButton keyName="F2" label="Leave the rest" onPress={keys.F2} disabled={busy} />
        <KeyButton keyName="F4" label="Bring back last" onPress={undo ?? (() => undefined)} disabled={busy || !undo} />
        <KeyButton keyName="F9" label="Another one" onPress={giveUp} disabled={busy} />
      </div>
      <ul className="floor-list" aria-label="Suggested bins">
        {task.suggestions.map((one) => (
          <Suggestion key={one.no} one={one} />
        ))}
        {task.unplaced > 0 && (
          <li>
            <span className="floor-units">{task.unplaced}</span>
            <span className="floor-name">{task.unplaced_why}</span>
            <span className="floor-tag" data-tone="warn">no place</span>
          </li>
        )}
      </ul>
    </>
  );
}

function Suggestion({ one }: { one: Suggested }) {
  return (
    <li>
      <span className="floor-units">{one.quantity}</span>
      <span className="floor-name">
        <strong className="mono">{one.bin}</strong>: {one.why}
      </span>
      {one.purpose === "cross_dock" && <span className="floor-tag" data-tone="info">for orders</span>}
      {one.second_bin && (
        <span className="faint">
          else {[one.second_bin, one.second_why, one.second_seconds && one.second_seconds > 0 && `${one.second_seconds} s more a week`].filter(Boolean).join(", ")}
        </span>
      )}
    </li>
  );
}
