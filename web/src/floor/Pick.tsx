import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { answer, api } from "@/api/client";
import { useWrite } from "@/api/write";
import { Problem } from "@/api/problem";
import { ScanBox } from "./ScanBox";
import { ShortReasons } from "./ShortReasons";
import { KeyButton, SignalNote, Station } from "./Station";
import { sentenceOf, useSignal } from "./signal";
import { isItem, isSame, nextTask, openUnits, progress, typedQuantity, type Task, type Walk } from "./walk";
import { whatIs } from "./what";

export default function Pick() {
  return <Station title="Pick">{(node) => <Picking key={node} node={node} />}</Station>;
}

function Picking({ node }: { node: string }) {
  const { signal, say } = useSignal();
  const [walk, setWalk] = useState<Walk | null>(null);
  const wave = useSearchParams()[0].get("wave");
  const fetchNext = useWrite(
    (body: { node: string; limit: number; wave: string | null }, once) => answer(api.POST("/api/v1/pick-lists/next", { body, ...once })),
    { touches: ["pick-lists", "fulfilments"] },
  );
  const start = () =>
    fetchNext.mutate(
      { node, limit: 6, wave },
      {
        onSuccess: (found) => {
          setWalk(found as Walk);
          say("through", found.tasks.length === 1 ? "1 bin to walk" : `${found.tasks.length} bins to walk`);
        },
        onError: (error) => say(error instanceof Problem && error.code === "nothing_ready" ? "through" : "wrong", sentenceOf(error)),
      },
    );
  const task = walk && nextTask(walk);
  if (!walk || !task) {
    return (
      <>
        <div className="floor-now">
          <p className="floor-step">{walk ? "Walk done: bring everything to packing" : wave ? "Ready, for one wave" : "Ready"}</p>
          <p className="floor-big">{walk ? `${progress(walk).all} units` : "Get the next walk"}</p>
          <KeyButton keyName="Enter" label="Next walk" tone="primary" onPress={start} disabled={fetchNext.isPending} />
        </div>
        <SignalNote signal={signal} />
        <ScanBox label="Enter for the next walk" busy={fetchNext.isPending} onScan={start} />
      </>
    );
  }
  return <AtBin key={task.id} walk={walk} task={task} setWalk={setWalk} say={say} signal={signal} />;
}

type AtBinProps = { walk: Walk; task: Task; setWalk: (walk: Walk | null) => void } & ReturnType<typeof useSignal>;

/** One bin: go there and scan it, take the units and scan each, or say what is missing. */
function AtBin({ walk, task, setWalk, say, signal }: AtBinProps) {
  const queries = useQueryClient();
  const [bin, setBin] = useState<string | null>(null);
  const [taken, setTaken] = useState(0);
  const [item, setItem] = useState<string | null>(null);
  const [isShort, setShort] = useState(false);
  const wanted = openUnits(task);
  const { done, all } = progress(walk);

  const pick = useWrite((body: { quantity: number; scanned_bin: string | null; scanned_item: string | null }, once) =>
    answer(api.POST("/api/v1/pick-tasks/{task_id}/pick", { params: { path: { task_id: task.id } }, body, ...once })),
  );
  const short = useWrite((body: { reason: string }, once) =>
    answer(api.POST("/api/v1/pick-tasks/{task_id}/short", { params: { path: { task_id: task.id } }, body, ...once })),
  );
  const stop = useWrite((body: { reason: string }, once) =>
    answer(api.POST("/api/v1/pick-lists/{pick_list_id}/cancel", { params: { path: { pick_list_id: walk.id } }, body, ...once })),
  );
  const tell = useMutation({ mutationFn: whatIs });
  const busy = pick.isPending || short.isPending || stop.isPending;

  const show = (next: unknown, text: string) => {
    const now = next as Walk;
    void queries.invalidateQueries({ queryKey: ["pick-lists"] });
    say(nextTask(now) ? "right" : "through", text);
    setTaken(0);
    setWalk(now);
  };
  const book = (quantity: number, code: string | null, then?: () => void) =>
    pick.mutate(
      { quantity, scanned_bin: bin, scanned_item: code },
      {
        onSuccess: (next) => {
          show(next, `${quantity} × ${task.title}`);
          then?.();
        },
        onError: (error) => {
          setTaken(0);
          say("wrong", sentenceOf(error));
        },
      },
    );
  const wrong = (expected: string, code: string) =>
    tell.mutate(code, { onSuccess: (scanned) => say("wrong", `Expected ${expected}`, `Scanned: ${scanned}`) });

  const scan = (code: string) => {
    if (!code) return;
    if (bin === null) {
      if (!isSame(code, task.bin)) return wrong(`bin ${task.bin}`, code);
      setBin(code);
      return say("right", `Bin ${task.bin}`);
    }
    const typed = typedQuantity(code);
    if (typed !== null && !isItem(code, task)) {
      if (typed < 1 || typed > wanted) return say("wrong", `${wanted} are wanted from here, not ${typed}`);
      if (item === null) return say("wrong", `Scan ${task.title} first, then type how many`);
      return book(typed, item);
    }
    if (!isItem(code, task)) return wrong(`${task.title} (${task.sku})`, code);
    setItem(code);
    if (taken + 1 >= wanted) return book(wanted, code);
    setTaken(taken + 1);
    say("right", `${taken + 1} of ${wanted}`);
  };
  const reportShort = (reason: string) => {
    setShort(false);
    const close = () =>
      short.mutate(
        { reason },
        { onSuccess: (next) => show(next, "Noted as short"), onError: (error) => say("wrong", sentenceOf(error)) },
      );
    if (taken > 0) book(taken, item, close);
    else close();
  };
  const leave = () =>
    stop.mutate(
      { reason: "stopped by the picker" },
      {
        onSuccess: () => {
          say("through", "Walk stopped: what is left waits for another one");
          setWalk(null);
        },
        onError: (error) => say("wrong", sentenceOf(error)),
      },
    );
  const keys = { F2: () => setShort(true), F4: leave, ...(taken > 0 && { F3: () => book(taken, item) }) };
  return (
    <>
      <div className="floor-progress" role="img" aria-label={`${done} of ${all} units of this walk`}>
        <progress max={all} value={done} aria-hidden />
        <span>
          {done} of {all}
        </span>
      </div>
      <div className="floor-now" data-step={bin === null ? "bin" : "item"}>
        {bin === null ? (
          <>
            <p className="floor-step">Go to bin</p>
            <p className="floor-huge">{task.bin}</p>
          </>
        ) : (
          <>
            <p className="floor-step">Take from {task.bin}</p>
            <p className="floor-huge">
              {taken > 0 && <span className="floor-taken">{taken} of </span>}
              {wanted}
            </p>
          </>
        )}
        <p className="floor-title">{task.title}</p>
        <p className="floor-codes">
          <span className="mono">{task.sku}</span>
          {task.barcode && <span className="mono">{task.barcode}</span>}
          {task.lot && <span>Lot {task.lot}</span>}
          <span>for {task.fulfilment}</span>
        </p>
      </div>
      <SignalNote signal={signal} />
      {isShort ? (
        <ShortReasons found={taken} wanted={wanted} choose={reportShort} back={() => setShort(false)} />
      ) : (
        <>
          <ScanBox
            label={bin === null ? `Scan bin ${task.bin}` : `Scan ${task.title}`}
            placeholder={bin === null ? "Scan the bin" : "Scan each, or scan one and type how many"}
            busy={busy}
            onScan={scan}
            keys={keys}
          />
          <div className="floor-keys">
            <KeyButton keyName="F2" label="Not enough here" onPress={() => setShort(true)} disabled={busy} />
            {taken > 0 && <KeyButton keyName="F3" label={`Book ${taken}`} onPress={() => book(taken, item)} disabled={busy} />}
            <KeyButton keyName="F4" label="Stop the walk" onPress={leave} disabled={busy} />
          </div>
        </>
      )}
    </>
  );
}
