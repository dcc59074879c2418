import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { answer, api } from "@/api/client";
import { useWrite } from "@/api/write";
import { Chip } from "@/parts/Chip";
import { actorText } from "@/parts/History";
import { Loaded, ProblemNote } from "@/parts/states";
import { AtShelf } from "./AtShelf";
import { ScanBox } from "./ScanBox";
import { KeyButton, SignalNote, Station } from "./Station";
import { forOrders, isOthers, openTasksOf, tasksOf, waitingFor, type Put, type ShelfTask } from "./shelf";
import { sentenceOf, useSignal } from "./signal";
import { whatIs } from "./what";

/** What was put where last, to be brought back. */
type Last = { putaway: string; said: string };

export default function PutAway() {
  return <Station title="Put away">{(node) => <Shelves key={node} node={node} />}</Station>;
}

function Shelves({ node }: { node: string }) {
  const [address, setAddress] = useSearchParams();
  const signals = useSignal({ silent: true });
  const [last, setLast] = useState<Last | null>(null);
  const { say } = signals;
  const id = address.get("task");
  const choose = (task: string | null) => setAddress(task ? { task } : {}, { replace: true });
  const bring = useWrite(
    ({ putaway }: Last, once) =>
      answer(api.POST("/api/v1/putaways/{putaway_id}/undo", { params: { path: { putaway_id: putaway } }, body: {}, ...once })),
    { touches: ["putaway-tasks", "stock", "bin-stock", "ledger"] },
  );
  const undo = () => {
    if (!last) return say("wrong", "Nothing was put away here that could be brought back");
    bring.mutate(last, {
      onSuccess: (state) => {
        setLast(null);
        say("through", `Bring back: ${last.said}`, `They are booked in ${state.bin} again.`);
        choose(state.id);
      },
      onError: (error) => say("wrong", sentenceOf(error)),
    });
  };
  const done = (state: Put, said: string) => {
    if (state.putaway_id) setLast({ putaway: state.putaway_id, said });
    say(state.left > 0 ? "right" : "through", said, state.left > 0 ? `${state.left} more` : `Nothing is left of ${state.number}.`);
    if (state.left === 0) choose(null);
  };
  const shared = { node, signals, undo: last ? undo : undefined, isUndoing: bring.isPending };
  return id ? (
    <OneTask key={id} id={id} {...shared} done={done} leave={() => choose(null)} />
  ) : (
    <WhichTask {...shared} choose={choose} />
  );
}

type Shared = { node: string; signals: ReturnType<typeof useSignal>; undo: (() => void) | undefined; isUndoing: boolean };

/** What lies in the receiving bins, what orders wait for first. */
function WhichTask({ node, signals: { signal, say }, undo, isUndoing, choose }: Shared & { choose: (id: string) => void }) {
  const queries = useQueryClient();
  const [others, setOthers] = useState<ShelfTask | null>(null);
  const [isLooking, setLooking] = useState(false);
  const me = useQuery({ queryKey: ["me"], queryFn: () => answer(api.GET("/api/v1/me")) }).data?.principal;
  const waiting = useQuery({
    queryKey: ["putaway-tasks", "to put away", node],
    queryFn: () =>
      answer(api.GET("/api/v1/putaway-tasks", {
        params: { query: { node_eq: node, status_in: ["ready", "started"], limit: 100, count: "exact", expand: "suggestions" } },
      })),
  });
  const start = useWrite(
    (task: ShelfTask, once) =>
      answer(api.POST("/api/v1/putaway-tasks/{task_id}/start", { params: { path: { task_id: task.id } }, body: {}, ...once })),
    { touches: ["putaway-tasks"] },
  );
  const plan = useWrite(
    (_: null, once) => answer(api.POST("/api/v1/putaway-tasks/plan", { body: { node }, ...once })),
    { touches: ["putaway-tasks"] },
  );
  const rows = waiting.data?.data ?? [];
  const first = rows.find((row) => !isOthers(row, me));
  const take = (task: ShelfTask) => {
    if (isOthers(task, me)) {
      setOthers(task);
      return say("wrong", `${actorText(task.assigned_to ?? "")} is at ${task.number}`, "Enter opens it all the same.");
    }
    setOthers(null);
    if (!task.next.includes("start")) return choose(task.id);
    start.mutate(task, {
      onSuccess: () => {
        say("right", `${task.left} × ${task.title ?? task.sku}`, `Take them from ${task.bin}.`);
        choose(task.id);
      },
      onError: (error) => {
        void queries.invalidateQueries({ queryKey: ["putaway-tasks"] }); // somebody else was faster
        say("wrong", sentenceOf(error));
      },
    });
  };
  const next = () => {
    if (others) choose(others.id);
    else if (first) take(first);
    else say("through", rows.length > 0 ? "Others are at all that is to be put away here" : "Nothing is to be put away here");
  };
  const look = () =>
    plan.mutate(null, {
      onSuccess: ({ units, unplaced, opened }) =>
        say("through", `${units} units to put away`, `${opened} tasks are new, ${unplaced} units have no place.`),
      onError: (error) => say("wrong", sentenceOf(error)),
    });
  const scan = async (code: string) => {
    if (!code) return next();
    setOthers(null);
    setLooking(true);
    try {
      const here = tasksOf(code, rows);
      // The list shows the first hundred, and may be older than what came a moment ago.
      const [found, another] = here.length > 0 ? here : await openTasksOf(node, code);
      if (found && another) return say("wrong", `${found.title ?? found.sku} has come in several lots or bins`, "Scan the lot, or choose one.");
      if (found) return take(found);
      say("wrong", "This is not to be put away here", `Scanned: ${await whatIs(code)}`);
    } catch (error) {
      say("wrong", sentenceOf(error));
    } finally {
      setLooking(false);
    }
  };
  const keys = { F2: look, ...(undo && { F4: undo }), ...(others && { Escape: () => setOthers(null) }) };
  const busy = start.isPending || plan.isPending || isUndoing || isLooking;
  return (
    <>
      <div className="floor-now">
        <p className="floor-step">
          {waiting.data ? `${waiting.data.page.total ?? rows.length} to put away` : waiting.error ? "Not known what lies here" : "Looking"}
        </p>
        <p className="floor-big">Scan something that lies in receiving</p>
        {(others ?? first) && (
          <KeyButton keyName="Enter" label={others ? `Open ${others.number}` : `Next: ${first?.title ?? first?.sku}`} tone="primary" onPress={next} disabled={busy} />
        )}
      </div>
      <SignalNote signal={signal} />
      <ProblemNote problem={waiting.error} />
      <ScanBox label="Scan something that lies in receiving" placeholder="A barcode, a lot or PA100001" busy={busy} onScan={(code) => void scan(code)} keys={keys} />
      <div className="floor-keys">
        <KeyButton keyName="F2" label="Look again" onPress={look} disabled={busy} />
        <KeyButton keyName="F4" label="Bring back last" onPress={undo ?? (() => undefined)} disabled={busy || !undo} />
      </div>
      <ul className="floor-list" aria-label="To put away">
        {rows.map((row) => (
          <TaskLine key={row.id} task={row} take={() => take(row)} />
        ))}
      </ul>
    </>
  );
}

function TaskLine({ task, take }: { task: ShelfTask; take: () => void }) {
  const orders = forOrders(waitingFor(task));
  return (
    <li>
      <span className="floor-units">{task.left}</span>
      <span className="floor-name">
        <button type="button" className="link strong" onClick={take}>
          {task.title ?? task.sku}
        </button>{" "}
        <span className="faint mono">{task.sku}</span> {task.lot && <span className="faint">lot {task.lot}</span>}
      </span>
      {orders && <span className="floor-tag" data-tone="info">{orders}</span>}
      {task.unplaced > 0 && <span className="floor-tag" data-tone="warn">{task.unplaced} without a place</span>}
      {task.status === "started" && <Chip state={task.status} />}
      <span className="mono">
        {task.bin} → {task.suggestions.map((one) => one.bin).join(", ") || "no bin"}
      </span>
    </li>
  );
}

type OneProps = Shared & { id: string; done: (state: Put, said: string) => void; leave: () => void };

function OneTask({ id, leave, ...shared }: OneProps) {
  const asked = useQuery({
    queryKey: ["putaway-tasks", "one", id],
    queryFn: () => answer(api.GET("/api/v1/putaway-tasks/{task_id}", { params: { path: { task_id: id } } })),
    placeholderData: (before) => before,
  });
  return (
    <Loaded
      query={asked}
      frame={(inside) => (
        <>
          {inside}
          <KeyButton keyName="F9" label="Another one" onPress={leave} />
        </>
      )}
    >
      {(task) => <AtShelf task={task} isReading={asked.isFetching} leave={leave} {...shared} />}
    </Loaded>
  );
}
