import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Chip } from "@/parts/Chip";
import { Money } from "@/parts/Money";
import { ProblemNote } from "@/parts/states";
import { ScanBox } from "./ScanBox";
import { KeyButton, SignalNote, Station } from "./Station";
import { OtherCarrier } from "./OtherCarrier";
import { PackPlan } from "./PackPlan";
import { afterNext, stepsOf, usePlan } from "./plan";
import { counted, inParcel, isFull, take, type Filling } from "./parcel";
import { paperIn, papersOf, printed } from "./papers";
import { sentenceOf, useSignal } from "./signal";
import { isItem, typedQuantity } from "./walk";
import { whatIs } from "./what";

type Bench = Shape<"Bench">;
type Parcel = Shape<"BenchParcel">;

const readBench = (code: string): Promise<Bench> => answer(api.GET("/api/v1/bench/{code}", { params: { path: { code } } }));

export default function Pack() {
  return <Station title="Pack">{(node) => <Packing key={node} node={node} />}</Station>;
}

function Packing({ node }: { node: string }) {
  const { signal, say } = useSignal();
  const [bench, setBench] = useState<Bench | null>(null);
  const waiting = useQuery({
    queryKey: ["fulfilments", "to pack", node],
    queryFn: () =>
      answer(api.GET("/api/v1/fulfilments", {
        params: { query: { node_eq: node, status_eq: "picked", sort: "created_at", limit: 8, count: "exact" } },
      })),
  });
  const open = useMutation({
    mutationFn: readBench,
    onSuccess: (found) => {
      if (found.node !== node) return say("wrong", `${found.number} is packed at ${found.node}`, "Bring it there.");
      if (found.lines.every((line) => line.left === 0) && found.status !== "packed")
        return say("wrong", `${found.number} is ${found.status}`, "Nothing of it is picked and left to pack.");
      setBench(found);
      say("right", `${found.number}, order ${found.order_number}`);
    },
    onError: (error) => say("wrong", sentenceOf(error)),
  });
  if (bench) {
    return (
      <AtBench
        key={bench.id}
        bench={bench}
        show={setBench}
        leave={() => {
          setBench(null);
          void waiting.refetch();
        }}
        say={say}
        signal={signal}
      />
    );
  }
  const rows = waiting.data?.data ?? [];
  const first = rows[0];
  return (
    <>
      <div className="floor-now">
        <p className="floor-step">{waiting.data ? `${waiting.data.page.total ?? rows.length} to pack` : "Looking"}</p>
        <p className="floor-big">Scan a fulfilment or an order</p>
        {first && <KeyButton keyName="Enter" label={`Oldest: ${first.number}`} tone="primary" onPress={() => open.mutate(first.number)} />}
      </div>
      <SignalNote signal={signal} />
      <ProblemNote problem={waiting.error} />
      <ScanBox
        label="Scan a fulfilment or an order"
        placeholder="F100023 or an order's number"
        busy={open.isPending}
        onScan={(code) => {
          const wanted = code || first?.number;
          if (wanted) open.mutate(wanted);
          else say("through", "Nothing waits to be packed here");
        }}
      />
      {rows.length > 0 && (
        <ul className="floor-list">
          {rows.map((row) => (
            <li key={row.id}>
              <span className="strong">{row.number}</span> <span>order {row.order_number}</span> <Chip state={row.status} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** A label that carriers were asked for, and that is not there yet. */
const NOT_BOUGHT: Record<string, string> = {
  asked: "Carriers are still being asked",
  buying: "The carrier has not answered yet",
  unknown: "The carrier did not say whether it sold the label; it is being looked up",
  refused: "No carrier sold a label",
};

type AtBenchProps = { bench: Bench; show: (bench: Bench) => void; leave: () => void } & ReturnType<typeof useSignal>;

/** Items into a parcel, its weight, its label; then the next parcel, until nothing is left. */
function AtBench({ bench, show, leave, say, signal }: AtBenchProps) {
  const queries = useQueryClient();
  const [filling, setFilling] = useState<Filling>({});
  const [last, setLast] = useState<string | null>(null);
  const [weighs, setWeighs] = useState(false);
  const [choosing, setChoosing] = useState<Parcel | null>(null);
  const left = bench.lines.reduce((sum, line) => sum + line.left, 0);
  const plan = usePlan(bench.id, left > 0 ? left : null);
  const steps = useMemo(() => (plan.data && left > 0 ? stepsOf(plan.data) : []), [plan.data, left]);
  const [reached, setStep] = useState(0);
  const at = Math.max(0, Math.min(reached, steps.length - 1));
  const units = counted(filling);
  const unlabelled = bench.parcels.find((parcel) => parcel.status === "packed" && !parcel.tracking_number);
  const labelled = bench.parcels.filter((parcel) => parcel.tracking_number);
  const latest = labelled.at(-1);

  // Each comes back with the bench as it is now: what is told and what is shown are of one moment.
  const pack = useWrite(async (body: { lines: { sku: string; line_no: number; quantity: number }[]; weight_grams: number | null }, once) => {
    const parcel = await answer(api.POST("/api/v1/fulfilments/{fulfilment_id}/parcels", {
      params: { path: { fulfilment_id: bench.id } }, body: { ...body, length_mm: 0, width_mm: 0, height_mm: 0 }, ...once,
    }));
    return { parcel, now: await readBench(bench.number) };
  });
  const buy = useWrite(async (input: { parcel: string }, once) => {
    const bought = await answer(api.POST("/api/v1/parcels/{parcel_id}/label", { params: { path: { parcel_id: input.parcel } }, body: {}, ...once }));
    return { bought, now: await readBench(bench.number) };
  });
  const follow = useWrite(async (input: { version: number }, once) => {
    await answer(api.POST("/api/v1/fulfilments/{fulfilment_id}/packing-plan/packed", {
      params: { path: { fulfilment_id: bench.id } }, body: { version: input.version }, ...once,
    }));
    return readBench(bench.number);
  });
  const tell = useMutation({ mutationFn: whatIs });
  const busy = pack.isPending || buy.isPending || follow.isPending;

  const shown = (now: Bench) => {
    show(now);
    void queries.invalidateQueries({ queryKey: ["fulfilments"] });
  };
  const label = (parcel: string) =>
    buy.mutate(
      { parcel },
      {
        onSuccess: ({ bought, now }) => {
          shown(now);
          if (bought.state !== "live") return say("wrong", NOT_BOUGHT[bought.state] ?? "There is no label yet", bought.why);
          say("through", `${bought.carrier} ${bought.service}, ${bought.tracking_number}`, bought.why);
        },
        onError: (error) => say("wrong", sentenceOf(error)),
      },
    );
  const close = (weight_grams: number | null) =>
    pack.mutate(
      { lines: inParcel(bench.lines, filling), weight_grams },
      {
        onSuccess: ({ parcel, now }) => {
          setFilling({});
          setWeighs(false);
          shown(now);
          label(parcel.id);
        },
        onError: (error) => {
          setWeighs(false);
          say("wrong", sentenceOf(error));
        },
      },
    );
  const packed = () => {
    if (!plan.data || busy || steps.length === 0) return;
    const many = plan.data.boxes.length;
    follow.mutate(
      { version: plan.data.version },
      {
        onSuccess: (now) => {
          setFilling({});
          setWeighs(false);
          setStep(0);
          shown(now);
          say("right", many === 1 ? "Packed as planned" : `${many} parcels packed as planned`, "Enter to buy the label.");
        },
        onError: (error) => {
          say("wrong", sentenceOf(error));
          void plan.refetch();
        },
      },
    );
  };
  const scan = (code: string) => {
    if (weighs) {
      if (code && !/^\d{1,6}$/.test(code)) return say("wrong", "The weight is in grams, such as 1250");
      return close(code ? Number(code) : null);
    }
    if (!code) {
      if (units > 0) setWeighs(true);
      else if (left === 0 && unlabelled) label(unlabelled.id);
      else if (left === 0) leave();
      return;
    }
    const typed = typedQuantity(code);
    const line = bench.lines.find((one) => isItem(code, one)) ?? (typed === null ? undefined : bench.lines.find((one) => one.sku === last));
    if (!line) {
      return tell.mutate(code, {
        onSuccess: (scanned) => say("wrong", `That is not in ${bench.number}`, `Scanned: ${scanned}`),
      });
    }
    const next = take(bench.lines, filling, line.sku, typed !== null && !isItem(code, line) ? typed : null);
    if (next === null) return say("wrong", `${line.title}: ${line.left} are to be packed, no more`);
    setFilling(next);
    setLast(line.sku);
    if ((next[line.sku] ?? 0) === (filling[line.sku] ?? 0) + 1) setStep(afterNext(steps, at, line.sku));
    say("right", `${next[line.sku]} × ${line.title}`);
    if (isFull(bench.lines, next)) setWeighs(true);
  };
  const reprint = useWrite(async ({ label, format }: { label: string; format: string }, once) => {
    const told = await printed(label, format, once);
    return { told, now: await readBench(bench.number) };
  });
  /** The tab is opened while the key is still pressed: browsers keep later ones back. */
  const printLabel = (parcel: Parcel, format = parcel.formats.includes("pdf") ? "pdf" : parcel.formats[0]) => {
    if (!parcel.label_id || !format) return say("wrong", "What was printed on this label is not kept any more");
    const tab = paperIn();
    reprint.mutate({ label: parcel.label_id, format }, {
      onSuccess: ({ told, now }) => {
        tab.show(told.path);
        shown(now);
        say("right", told.prints > 1 ? `Printed again: ${told.tracking_number}` : `Printed: ${told.tracking_number}`);
      },
      onError: (error) => {
        tab.close();
        say("wrong", sentenceOf(error));
      },
    });
  };
  const paper = (path: string) => paperIn().show(path);
  const abroad = latest?.customs ? papersOf(latest).customs : null;
  const inTheHouse = bench.parcels.filter((parcel) => parcel.status === "packed" || parcel.status === "labelled").at(-1);
  const keys = {
    ...(inTheHouse && units === 0 && { F6: () => setChoosing(inTheHouse) }),
    ...(latest && { F2: () => printLabel(latest), F3: () => paper(papersOf(latest).slip) }),
    ...(abroad && { F7: () => paper(abroad) }),
    ...(units > 0 && !weighs && { F4: () => setWeighs(true) }),
    ...(steps.length > 0 && { PageUp: () => setStep(Math.max(0, at - 1)), PageDown: () => setStep(Math.min(at + 1, steps.length - 1)), F9: packed }),
    F8: leave,
  };
  const step = weighs ? "Weigh the parcel" : left === 0 ? (unlabelled ? "Label the parcel" : "Packed") : "Scan each item into the parcel";
  const asked = weighs
    ? "Weight in grams, or Enter for the sum of the items"
    : left === 0
      ? unlabelled
        ? "Enter to buy the label"
        : "Enter for the next one"
      : "Scan an item, or scan one and type how many";
  if (choosing) {
    return (
      <OtherCarrier
        parcel={choosing}
        done={(bought) => {
          setChoosing(null);
          void readBench(bench.number).then(shown);
          if (bought) say("right", `${bought.carrier} ${bought.service}, ${bought.tracking_number}`, bought.why);
        }}
      />
    );
  }
  return (
    <>
      <div className="floor-now">
        <p className="floor-step">
          {bench.number} · order {bench.order_number} · {step}
        </p>
        <p className="floor-big">{weighs ? `${units} units` : left > 0 ? `${units} of ${left}` : buy.isPending ? "Buying the label" : (latest?.tracking_number ?? "Label missing")}</p>
      </div>
      <SignalNote signal={signal} />
      <ScanBox label={asked} busy={busy} onScan={scan} keys={keys} />
      <div className="floor-keys">
        {latest && <KeyButton keyName="F2" label="Print label" onPress={() => printLabel(latest)} disabled={reprint.isPending} />}
        {latest && <KeyButton keyName="F3" label="Print slip" onPress={() => paper(papersOf(latest).slip)} />}
        {latest?.customs && abroad && <KeyButton keyName="F7" label={`Print ${latest.customs}`} onPress={() => paper(abroad)} />}
        {units > 0 && !weighs && <KeyButton keyName="F4" label="Close the parcel" onPress={() => setWeighs(true)} disabled={busy} />}
        {inTheHouse && units === 0 && <KeyButton keyName="F6" label="Another carrier" onPress={() => setChoosing(inTheHouse)} disabled={busy} />}
        <KeyButton keyName="F8" label="Put it aside" onPress={leave} disabled={busy} />
      </div>
      {plan.data && left > 0 && (
        <PackPlan
          plan={plan.data}
          steps={steps}
          at={at}
          go={setStep}
          packed={packed}
          busy={busy}
          named={(sku) => bench.lines.find((line) => line.sku === sku)?.title ?? sku}
        />
      )}
      <ul className="floor-list">
        {bench.lines.map((line) => {
          const here = filling[line.sku] ?? 0;
          return (
            <li key={`${line.line_no} ${line.sku}`} data-done={here >= line.left || undefined}>
              <span className="floor-units">
                {here} / {line.left}
              </span>
              <span className="floor-name">
                {line.title} <span className="faint mono">{line.sku}</span>
              </span>
              {line.packed > 0 && <span className="faint">{line.packed} packed</span>}
            </li>
          );
        })}
        {bench.parcels.map((parcel) => (
          <li key={parcel.id}>
            <span className="floor-units">P{parcel.number}</span>
            <span className="floor-name">
              {parcel.tracking_number ?? "no label yet"}{" "}
              <span className="faint">
                {parcel.carrier} {parcel.service} {(parcel.weight_grams / 1000).toFixed(2)} kg
              </span>
              {parcel.why && <span className="faint small floor-why">{parcel.why}</span>}
              <span className="row small">
                {parcel.formats.map((format) => (
                  <button key={format} type="button" className="link" onClick={() => printLabel(parcel, format)}>
                    Label {format.toUpperCase()}
                  </button>
                ))}
                <a className="link" href={papersOf(parcel).slip} target="_blank" rel="noreferrer">Slip</a>
                {parcel.customs && <a className="link" href={papersOf(parcel).customs} target="_blank" rel="noreferrer">{parcel.customs}</a>}
                {parcel.prints > 0 && <span className="faint">printed {parcel.prints === 1 ? "once" : `${parcel.prints} times`}</span>}
              </span>
            </span>
            {parcel.amount !== null && parcel.currency && <Money amount={parcel.amount} currency={parcel.currency} />}
            <Chip state={parcel.status} />
          </li>
        ))}
      </ul>
    </>
  );
}
