import Button from "@mui/material/Button";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { Problem } from "@/api/problem";
import { useWrite } from "@/api/write";
import { Card } from "@/parts/Page";
import { SomebodyElse, useSeen } from "@/parts/seen";
import { ProblemNote } from "@/parts/states";
import { TOUCHES } from "@/stock/stock";
import { useTold } from "@/undo/useTold";
import type { Count } from "./CountList";

type Body = Shape<"CountBody">;
type Entry = { sku: string; lot: string; counted: string };

/**
 * Scan a SKU and each scan counts one; or type numbers. What the books say is not shown, so that nobody counts
 * towards it.
 */
export function CountSheet({ count }: { count: Count }) {
  const told = useTold(["counts", ...TOUCHES]);
  const seen = useSeen(count.version);
  const [scan, setScan] = useState("");
  const [entries, setEntries] = useState<Entry[]>(() => count.lines.map(({ sku, lot }) => ({ sku, lot, counted: "" })));
  const post = useWrite(
    (body: Body, once) => answer(api.POST("/api/v1/counts/{count_id}/post", { params: { path: { count_id: count.id } }, body, ...once })),
    { touches: ["counts", ...TOUCHES], done: (now) => told("What was counted is the truth now.", now.undo) },
  );
  const set = (at: number, counted: string) => setEntries(entries.map((e, i) => (i === at ? { ...e, counted } : e)));
  const add = () => {
    const sku = scan.trim();
    if (!sku) return;
    const at = entries.findIndex((e) => e.sku === sku);
    if (at >= 0) set(at, String((Number(entries[at]?.counted) || 0) + 1));
    else setEntries([...entries, { sku, lot: "", counted: "1" }]);
    setScan("");
  };
  const missing = entries.filter((e) => !/^\d+$/.test(e.counted.trim())).length;
  const isStale = post.error instanceof Problem && post.error.isStale;
  return (
    <Card title="What lies there">
      <div className="stack">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            add();
          }}
        >
          <input
            className="plain-input scan"
            autoFocus
            value={scan}
            onChange={(event) => setScan(event.target.value)}
            placeholder="Scan or type a SKU; each scan counts one"
            aria-label="Scan a SKU"
          />
        </form>
        <ul className="stack tight">
          {entries.map((entry, at) => (
            <li key={`${entry.sku}|${entry.lot}`} className="line-units">
              <span className="mono strong">
                {entry.sku} {entry.lot && <span className="unit">lot {entry.lot}</span>}
              </span>
              <input
                className="plain-input number"
                inputMode="numeric"
                value={entry.counted}
                onChange={(event) => set(at, event.target.value)}
                aria-label={`Units of ${entry.sku}`}
              />
            </li>
          ))}
        </ul>
        <SomebodyElse seen={seen} what="count" />
        {!isStale && <ProblemNote problem={post.error} />}
        <div className="row">
          <Button
            variant="contained"
            color="primary"
            disabled={missing > 0 || seen.isOld}
            loading={post.isPending}
            onClick={() =>
              post.mutate({
                version: seen.version,
                lines: entries.map(({ sku, lot, counted }) => ({ sku, lot, counted: Number(counted) })),
              })
            }
          >
            Post the count
          </Button>
          <span className="faint">{missing > 0 ? `${missing} SKUs have no number yet; 0 where nothing lies.` : "The books will say what you counted."}</span>
        </div>
      </div>
    </Card>
  );
}
