import { useQuery } from "@tanstack/react-query";
import { MapPin } from "lucide-react";
import { useState, type ReactNode } from "react";
import { answer, api } from "@/api/client";
import { Page } from "@/parts/Page";
import { Empty, Loaded } from "@/parts/states";
import "@/look/floor.css";
import { Scanned, ScannedHere } from "./scanned";
import type { Signal } from "./signal";

const KEPT = "backoffice-node";

type Props = { title: string; children: (node: string) => ReactNode };

/** A place where somebody stands with a scanner: one thing at a time, large, at one node that the device remembers. */
export function Station({ title, children }: Props) {
  const nodes = useQuery({
    queryKey: ["nodes", "stations"],
    queryFn: () => answer(api.GET("/api/v1/nodes", { params: { query: { sort: "code", limit: 100 } } })),
    staleTime: 60_000,
  });
  const [node, setNode] = useState(() => localStorage.getItem(KEPT));
  return (
    <Loaded query={nodes}>
      {({ data }) => {
        const here = data.find((n) => n.code === node) ?? (data.length === 1 ? data[0] : undefined);
        const choose = (code: string | null) => {
          if (code) localStorage.setItem(KEPT, code);
          setNode(code);
        };
        if (!here)
          return (
            <Page title={title}>
              {data.length === 0 ? (
                <Empty icon={MapPin} title="There is no warehouse yet">Add one under Nodes.</Empty>
              ) : (
                <div className="floor">
                  <h2 className="floor-ask">Where are you?</h2>
                  <ul className="floor-choices">
                    {data.map((one, n) => (
                      <li key={one.code}>
                        <button type="button" className="floor-choice" autoFocus={n === 0} onClick={() => choose(one.code)}>
                          <strong>{one.code}</strong> {one.name}
                        </button>
                      </li>
                    ))}
                  </ul>
                </div>
              )}
            </Page>
          );
        return (
          <Page
            title={title}
            actions={
              data.length > 1 && (
                <button type="button" className="floor-node" onClick={() => choose(null)}>
                  <MapPin size={16} aria-hidden /> {here.code} {here.name}
                  <span className="sr-only">, change the place</span>
                </button>
              )
            }
          >
            <Place key={here.code}>{children(here.code)}</Place>
          </Page>
        );
      }}
    </Loaded>
  );
}

function Place({ children }: { children: ReactNode }) {
  const [scanned] = useState(() => new Scanned());
  return (
    <div className="floor">
      <ScannedHere value={scanned}>{children}</ScannedHere>
    </div>
  );
}

/** What the last scan led to. */
export function SignalNote({ signal }: { signal: Signal | null }) {
  return (
    <div className="floor-signal" data-tone={signal?.tone} key={signal?.count} role="status" aria-live="assertive">
      {signal && (
        <>
          <strong>{signal.text}</strong>
          {signal.detail && <span>{signal.detail}</span>}
        </>
      )}
    </div>
  );
}

type KeyProps = { keyName: string; label: string; onPress: () => void; disabled?: boolean; tone?: "primary" };

/** A large button with the key that does the same. */
export function KeyButton({ keyName, label, onPress, disabled, tone }: KeyProps) {
  return (
    <button type="button" className="floor-key" data-tone={tone} disabled={disabled} onClick={onPress}>
      {label} <kbd>{keyName}</kbd>
    </button>
  );
}
