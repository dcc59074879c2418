import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { ProblemNote } from "@/parts/states";
import { ScanBox } from "./ScanBox";
import { SignalNote, Station } from "./Station";
import { sentenceOf, useSignal } from "./signal";

type Bench = Shape<"Bench">;
type Loaded = { tracking: string; order: string; fulfilment: string; left: boolean };

export default function Dispatch() {
  return <Station title="Dispatch">{(node) => <Loading key={node} node={node} />}</Station>;
}

/** Parcels onto the truck, label by label. An order's part leaves when all its parcels are on. */
function Loading({ node }: { node: string }) {
  const { signal, say } = useSignal();
  const [loaded, setLoaded] = useState<Loaded[]>([]);
  const waiting = useQuery({
    queryKey: ["fulfilments", "to dispatch", node],
    queryFn: () =>
      answer(api.GET("/api/v1/fulfilments", {
        params: { query: { node_eq: node, status_eq: "packed", sort: "created_at", limit: 50, count: "exact", expand: "parcels" } },
      })),
  });
  const depart = useWrite(
    (input: { fulfilment: string; version: number }, once) =>
      answer(api.POST("/api/v1/fulfilments/{fulfilment_id}/dispatch", {
        params: { path: { fulfilment_id: input.fulfilment } }, body: { version: input.version }, ...once,
      })),
    { touches: ["fulfilments", "parcels", "orders"] },
  );
  const look = useMutation({
    mutationFn: (code: string): Promise<Bench> => answer(api.GET("/api/v1/bench/{code}", { params: { path: { code } } })),
    onSuccess: (found, code) => load(found, code.trim().toUpperCase()),
    onError: (error) => say("wrong", sentenceOf(error)),
  });

  const load = (bench: Bench, tracking: string) => {
    const parcel = bench.parcels.find((one) => one.tracking_number === tracking);
    if (!parcel) return say("wrong", "Scan the label of a parcel", `${tracking} belongs to order ${bench.order_number}`);
    if (bench.node !== node) return say("wrong", `This parcel leaves from ${bench.node}`, `Order ${bench.order_number}`);
    if (loaded.some((one) => one.tracking === tracking)) return say("wrong", "This parcel is on the truck already");
    const row = { tracking, order: bench.order_number, fulfilment: bench.id, left: false };
    const now = [row, ...loaded];
    const open = bench.parcels.filter((one) => one.status !== "cancelled" && !now.some((n) => n.tracking === one.tracking_number));
    if (open.length > 0) {
      setLoaded(now);
      return say("right", `Order ${bench.order_number}`, `${open.length} more of it: parcel ${open.map((one) => one.number).join(", ")}`);
    }
    depart.mutate(
      { fulfilment: bench.id, version: bench.version },
      {
        onSuccess: () => {
          setLoaded(now.map((one) => (one.fulfilment === bench.id ? { ...one, left: true } : one)));
          say("through", `Order ${bench.order_number} has left`, `${parcel.carrier} ${tracking}`);
        },
        onError: (error) => say("wrong", "Leave this parcel here", sentenceOf(error)),
      },
    );
  };
  const rows = waiting.data?.data ?? [];
  const left = loaded.filter((one) => one.left).length;
  return (
    <>
      <div className="floor-now">
        <p className="floor-step">{waiting.data ? `${waiting.data.page.total ?? rows.length} wait to leave` : "Looking"}</p>
        <p className="floor-huge">{left}</p>
        <p className="floor-title">{left === 1 ? "parcel has left" : "parcels have left"}</p>
      </div>
      <SignalNote signal={signal} />
      <ProblemNote problem={waiting.error} />
      <ScanBox
        label="Scan the label of a parcel"
        busy={look.isPending || depart.isPending}
        onScan={(code) => code && look.mutate(code)}
      />
      <ul className="floor-list">
        {loaded.map((one) => (
          <li key={one.tracking} data-done={one.left || undefined}>
            <span className="floor-name mono">{one.tracking}</span>
            <span>order {one.order}</span>
            <span className="faint">{one.left ? "has left" : "waits for the rest of the order"}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
