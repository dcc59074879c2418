import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { dayText, PromisedDay, queueHref } from "@/backorders/backorder";
import { Card } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { Loaded } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { NodeLink } from "./stock";

type At = Shape<"NodeAvailability">;

const columnsOf = (sku: string): Column<At>[] => [
  { id: "node", label: "Node", render: (n) => <NodeLink node={n.node} /> },
  { id: "units_now", label: "Now", align: "right", render: (n) => <span className="strong">{n.units_now}</span> },
  { id: "waiting", label: "Waiting", align: "right", render: (n) => (n.waiting ? <Link className="link" to={queueHref(sku, n.node)}>{n.waiting}</Link> : <span className="faint">0</span>) },
  { id: "by", label: "By when", grow: true, render: (n) => <Ladder of={n} /> },
  { id: "promised_on", label: "One more leaves", render: (n) => <PromisedDay of={n} /> },
];

/** What can be promised of a SKU to the next who orders: now, and by day as deliveries come. */
export function Available({ sku }: { sku: string }) {
  const asked = useQuery({
    queryKey: ["stock", "available", sku],
    queryFn: async () => (await answer(api.POST("/api/v1/availability", { body: { questions: [{ sku, quantity: 1, node: null, channel: null }] } }))).answers[0],
  });
  return (
    <Card title="Can be promised" flush>
      <Loaded query={asked}>
        {(told) => (told?.error ? <p className="quiet card-body">{told.error.message}</p> : <Rows rows={told?.nodes ?? []} columns={columnsOf(sku)} keyOf={(n) => n.node} />)}
      </Loaded>
    </Card>
  );
}

const WIDTH = 260;
const HEIGHT = 44;
const BASE = 30;

/** Units that can be promised together, rising with each delivery; four of five times by the day that is drawn. */
function Ladder({ of: at }: { of: At }) {
  const days = at.by.map((step) => Date.parse(step.on));
  const first = days[0] ?? 0;
  const span = Math.max(...days.map((day) => day - first), 1) * 1.15;
  const most = Math.max(...at.by.map((step) => step.units), 1);
  const x = (day: number) => ((day - first) / span) * WIDTH;
  const y = (units: number) => BASE - (units / most) * (BASE - 6);
  const said = at.by.map((step) => `${step.units} by ${dayText(step.on)}`).join(", ");
  if (at.by.length < 2) return <span className="faint">{at.coming.length ? "others wait for what comes" : "nothing is on its way"}</span>;
  const path = at.by.map((step, n) => `${n ? `H${x(days[n] ?? 0)}` : `M0 ${y(step.units)}`}V${y(step.units)}`).join("");
  return (
    <svg className="lead-time" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={said} style={{ maxWidth: WIDTH }}>
      <path d={`${path}H${WIDTH}`} fill="none" stroke="currentColor" strokeWidth={1.5} />
      <line className="lead-time-axis" x1={0} x2={WIDTH} y1={BASE} y2={BASE} />
      {at.by.map((step, n) => (
        <g key={step.on}>
          <text x={x(days[n] ?? 0)} y={HEIGHT - 4} textAnchor={n ? "middle" : "start"}>{dayText(step.on)}</text>
          <title>{said}</title>
        </g>
      ))}
    </svg>
  );
}
