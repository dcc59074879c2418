import Button from "@mui/material/Button";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { useState } from "react";
import { Link } from "react-router";
import { answer, api } from "@/api/client";
import { useWrite } from "@/api/write";
import { orderHref } from "@/orders/order";
import { Card } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { useCan } from "@/parts/scopes";
import { Empty, ProblemNote } from "@/parts/states";
import { When } from "@/parts/When";
import { byNode, lines, type Rule, type Tried } from "./rules";

const COUNTS = ["50", "100", "200", "500"];
const SHOWN = 100;

type Order = Tried["rows"][number];

/** Rules over the last orders, beside those in force. Nothing changes. */
export function Trial({ rules, channel }: { rules: Rule[]; channel: string }) {
  const may = useCan()("write_orders");
  const [count, setCount] = useState("100");
  const tried = useWrite((body: { rules: Rule[]; channel: string; orders: number }, once) => answer(api.POST("/api/v1/routing-rule-sets/try", { body, ...once })));
  if (!may) return null;
  return (
    <Card
      title="Try them on the last orders"
      action={
        <span className="row">
          <TextField select size="small" value={count} onChange={(event) => setCount(event.target.value)} slotProps={{ select: { SelectDisplayProps: { "aria-label": "How many orders" } } }}>
            {COUNTS.map((n) => (
              <MenuItem key={n} value={n}>{n} orders</MenuItem>
            ))}
          </TextField>
          <Button variant="outlined" loading={tried.isPending} onClick={() => tried.mutate({ rules, channel, orders: Number(count) })}>
            Try it
          </Button>
        </span>
      }
    >
      <ProblemNote problem={tried.error} />
      {tried.data ? <Result of={tried.data} /> : !tried.error && <Empty title="Nothing tried yet">Each order is looked at with the stock as it was when it came. Nothing changes.</Empty>}
    </Card>
  );
}

function Result({ of: tried }: { of: Tried }) {
  const [onlyChanged, setOnlyChanged] = useState(true);
  const rows = tried.rows.filter((row) => row.changed || !onlyChanged);
  return (
    <div className="stack">
      <p>
        <span className="strong">{tried.changed} of {tried.rows.length} orders</span> would have gone elsewhere than{" "}
        {tried.in_force ? `by version ${tried.in_force}` : "by rank alone"}.
        {tried.left_out > 0 && <span className="quiet"> {tried.left_out} more held no stock, such as imported ones.</span>}
      </p>
      <Picture of={tried} />
      <Rows
        rows={lines(tried)}
        keyOf={(line) => line.what}
        columns={[
          { id: "what", label: "", grow: true, render: (line) => line.what },
          { id: "now", label: "In force", align: "right", render: (line) => line.now },
          { id: "tried", label: "Tried", align: "right", render: (line) => <span className={line.now === line.tried ? undefined : "strong"}>{line.tried}</span> },
        ]}
      />
      <div className="row wrap apart">
        <h3>{onlyChanged ? "Orders that would have gone elsewhere" : "All orders that were looked at"}</h3>
        <Button size="small" onClick={() => setOnlyChanged(!onlyChanged)}>{onlyChanged ? "Show all" : "Show changed ones"}</Button>
      </div>
      {rows.length === 0 ? <Empty title="None" /> : <Orders rows={rows.slice(0, SHOWN)} />}
      {rows.length > SHOWN && <p className="quiet small">The newest {SHOWN} of {rows.length}.</p>}
    </div>
  );
}

function Orders({ rows }: { rows: Order[] }) {
  return (
    <Rows
      rows={rows}
      keyOf={(row) => row.order_id}
      columns={[
        { id: "number", label: "Order", render: (o) => <Link className="link strong" to={orderHref(o.order_id)}>{o.number}</Link> },
        { id: "placed_at", label: "Placed", render: (o) => <When at={o.placed_at} /> },
        { id: "country", label: "To", render: (o) => o.country ?? <span className="faint">?</span> },
        { id: "now", label: "In force", render: (o) => <From plan={o.now} /> },
        { id: "tried", label: "Tried", render: (o) => <From plan={o.tried} strong={o.changed} /> },
        { id: "why", label: "Why", grow: true, render: (o) => <span className="quiet small">{o.tried.refused ?? o.why.join("; ")}</span> },
      ]}
    />
  );
}

function From({ plan, strong }: { plan: Order["now"]; strong?: boolean }) {
  if (plan.refused) return <span className="bad">no stock</span>;
  return (
    <span className="nowrap">
      <span className={strong ? "strong" : undefined}>{plan.nodes.join(" + ")}</span>
      {plan.km !== null && <span className="faint small"> {plan.km.toLocaleString("en-GB")} km</span>}
    </span>
  );
}

const WIDTH = 640;
const BAND = 34;
const LEFT = 90;

/** Parcels by node: what is in force above, what was tried below. */
function Picture({ of: tried }: { of: Tried }) {
  const bars = byNode(tried);
  const most = Math.max(1, ...bars.flatMap((bar) => [bar.now, bar.tried]));
  const wide = (n: number) => ((WIDTH - LEFT - 50) * n) / most;
  const inWords = bars.map((bar) => `${bar.node}: ${bar.now} in force, ${bar.tried} tried`).join("; ");
  return (
    <figure className="node-bars">
      <svg viewBox={`0 0 ${WIDTH} ${bars.length * BAND + 4}`} role="img" aria-label={`Parcels by node. ${inWords}.`}>
        {bars.map((bar, n) => (
          <g key={bar.node} transform={`translate(0 ${n * BAND})`}>
            <text x={0} y={19}>{bar.node}</text>
            <rect className="now" x={LEFT} y={3} width={wide(bar.now)} height={11} />
            <rect className="then" x={LEFT} y={16} width={wide(bar.tried)} height={11} />
            <text className="count" x={LEFT + wide(bar.now) + 6} y={12}>{bar.now}</text>
            <text className="count" x={LEFT + wide(bar.tried) + 6} y={25}>{bar.tried}</text>
          </g>
        ))}
      </svg>
      <figcaption className="row small quiet">
        <span className="replay-key now">in force</span>
        <span className="replay-key then">tried</span>
        <span>parcels by node</span>
      </figcaption>
    </figure>
  );
}
