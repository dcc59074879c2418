import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useSearchParams } from "react-router";
import { answer, api } from "@/api/client";
import { Chip } from "@/parts/Chip";
import { Loaded, ProblemNote } from "@/parts/states";
import { AtDock } from "./AtDock";
import { keptScans, type Receiving } from "./dock";
import { ScanBox } from "./ScanBox";
import { KeyButton, SignalNote, Station } from "./Station";
import { sentenceOf, useSignal } from "./signal";
import { isSame } from "./walk";

const TRY_AGAIN_MS = 5000;

export default function Receive() {
  useEffect(() => {
    const send = () => void keptScans.send();
    // Without a store of its own the device still books while there is a network.
    void keptScans.load().catch(() => undefined).then(send);
    const timer = setInterval(send, TRY_AGAIN_MS);
    window.addEventListener("online", send);
    return () => {
      clearInterval(timer);
      window.removeEventListener("online", send);
    };
  }, []);
  return <Station title="Receive">{(node) => <Dock key={node} node={node} />}</Station>;
}

function Dock({ node }: { node: string }) {
  const [address, setAddress] = useSearchParams();
  const order = address.get("order");
  const choose = (id: string | null) => setAddress(id ? { order: id } : {}, { replace: true });
  return order ? <OneOrder key={order} id={order} notice={address.get("notice")} leave={() => choose(null)} /> : <WhichOrder node={node} choose={choose} />;
}

function WhichOrder({ node, choose }: { node: string; choose: (id: string) => void }) {
  const { signal, say } = useSignal({ silent: true });
  const waiting = useQuery({
    queryKey: ["purchase-orders", "to receive", node],
    queryFn: () =>
      answer(api.GET("/api/v1/purchase-orders", {
        params: { query: { node_eq: node, status_in: ["sent", "confirmed", "partly_received"], sort: "expected_at", limit: 50, count: "exact" } },
      })),
  });
  const look = useMutation({
    mutationFn: async (code: string) => {
      const { data } = await answer(api.GET("/api/v1/purchase-orders", { params: { query: { number_eq: code.toUpperCase(), limit: 1 } } }));
      if (data[0]) return [{ purchase_id: data[0].id, number: data[0].number }];
      const scanned = await answer(api.GET("/api/v1/receiving/scan", { params: { query: { code, node } } }));
      return scanned.waiting;
    },
    onSuccess: ([first]) => {
      if (first) choose(first.purchase_id);
      else say("wrong", "No order waits for this here");
    },
    onError: (error) => say("wrong", sentenceOf(error)),
  });
  const rows = waiting.data?.data ?? [];
  const first = rows[0];
  return (
    <>
      <div className="floor-now">
        <p className="floor-step">
          {waiting.data ? `${waiting.data.page.total ?? rows.length} to come` : waiting.error ? "Not known what is to come" : "Looking"}
        </p>
        <p className="floor-big">Scan an order, or something that came</p>
        {first && <KeyButton keyName="Enter" label={`Next: ${first.number}`} tone="primary" onPress={() => choose(first.id)} />}
      </div>
      <SignalNote signal={signal} />
      <ProblemNote problem={waiting.error} />
      <ScanBox
        label="Scan an order, or something that came"
        placeholder="PO100023, or a barcode"
        busy={look.isPending}
        onScan={(code) => {
          const row = code ? rows.find((one) => isSame(code, one.number)) : first;
          if (row) choose(row.id);
          else if (code) look.mutate(code);
          else say("through", "Nothing is to come here");
        }}
      />
      {rows.length > 0 && (
        <ul className="floor-list">
          {rows.map((row) => (
            <li key={row.id}>
              <button type="button" className="link strong" onClick={() => choose(row.id)}>
                {row.number}
              </button>{" "}
              <span>{row.supplier}</span> <Chip state={row.status} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function OneOrder({ id, notice, leave }: { id: string; notice: string | null; leave: () => void }) {
  const asked = useQuery({
    queryKey: ["purchase-orders", "receiving", id],
    queryFn: (): Promise<Receiving> =>
      answer(api.GET("/api/v1/purchase-orders/{purchase_id}/receiving", { params: { path: { purchase_id: id } } })),
    placeholderData: (before) => before,
  });
  return (
    <Loaded
      query={asked}
      frame={(inside) => (
        <>
          {inside}
          <KeyButton keyName="F9" label="Another order" onPress={leave} />
        </>
      )}
    >
      {(order) => <AtDock order={order} asked={notice} leave={leave} />}
    </Loaded>
  );
}
