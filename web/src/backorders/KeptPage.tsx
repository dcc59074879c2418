import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import "@/look/waves.css";
import { Card, Page } from "@/parts/Page";
import { Siblings } from "@/parts/Siblings";
import { Empty, Loaded } from "@/parts/states";
import { SIBLINGS } from "./backorder";

type AtNode = Shape<"KeptAtNode">;
type Share = Shape<"KeptShare">;

const SAYS: Record<string, string> = { likely: "Likely day", promised: "Promised day", safe: "Safe day" };
const TIMES = [30, 90, 180, 365];
const percent = (ppm: number) => `${(ppm / 10_000).toLocaleString("en-GB", { maximumFractionDigits: 1 })} %`;
const nameOf = (node: string) => (node === "*" ? "All nodes" : node);

/** How often promised days and cut-offs were kept, beside how often they are meant to be. */
export function KeptPage() {
  const [query, setQuery] = useSearchParams();
  const days = Number(query.get("days")) || 90;
  const asked = useQuery({
    queryKey: ["backorder-promises", "kept", days],
    queryFn: () => answer(api.GET("/api/v1/promises-kept", { params: { query: { days } } })),
  });
  return (
    <Page
      title="Promises kept"
      about="The day that was said first counts, not the last. What is not decided yet is in no share."
      actions={
        <TextField select size="small" label="Of the last" value={TIMES.includes(days) ? days : 90} onChange={(e) => setQuery({ days: e.target.value })}>
          {TIMES.map((n) => <MenuItem key={n} value={n}>{n} days</MenuItem>)}
        </TextField>
      }
    >
      <Siblings of={SIBLINGS} title="Backorders" />
      <Loaded query={asked}>
        {({ nodes }) =>
          nodes.every((n) => n.cut_offs.judged + n.cut_offs.open === 0 && n.promises.every((p) => p.judged + p.open === 0)) ? (
            <Card><Empty title="Nothing was promised in this time" /></Card>
          ) : (
            <div className="stack">{nodes.map((at) => <Node key={at.node} at={at} />)}</div>
          )
        }
      </Loaded>
    </Page>
  );
}

function Node({ at }: { at: AtNode }) {
  return (
    <Card title={nameOf(at.node)}>
      <table className="load kept">
        <thead>
          <tr><th>Promise</th><th>Kept</th><th className="right">Of those decided</th><th className="right">Meant</th><th className="right">Open</th></tr>
        </thead>
        <tbody>
          {at.promises.map((p) => <Bar key={p.confidence} name={SAYS[p.confidence] ?? p.confidence} share={p} meant={p.meant_ppm} />)}
          <Bar name="Cut-off" share={at.cut_offs} />
        </tbody>
      </table>
    </Card>
  );
}

function Bar({ name, share, meant }: { name: string; share: Share; meant?: number }) {
  const { ppm } = share;
  return (
    <tr>
      <th scope="row" className="nowrap">{name}</th>
      <td>
        <span className="load-bar" aria-hidden>
          {ppm !== null && <span data-of={meant !== undefined && ppm < meant ? "under" : "wave"} style={{ width: `${ppm / 10_000}%` }} />}
          {meant !== undefined && <i style={{ left: `${meant / 10_000}%` }} />}
        </span>
      </td>
      <td className="right nowrap">{ppm === null ? <span className="faint">–</span> : <><span className="strong">{percent(ppm)}</span> of {share.judged.toLocaleString("en-GB")}</>}</td>
      <td className="right nowrap">{meant === undefined ? <span className="faint">–</span> : percent(meant)}</td>
      <td className="right">{share.open.toLocaleString("en-GB")}</td>
    </tr>
  );
}
