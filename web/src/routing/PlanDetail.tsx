import Button from "@mui/material/Button";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { Link, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { useEvents } from "@/api/live";
import { useWrite } from "@/api/write";
import { orderHref } from "@/orders/order";
import { Ask } from "@/parts/Ask";
import { Chip } from "@/parts/Chip";
import { ExportLink } from "@/parts/ExportLink";
import { Money, moneyText } from "@/parts/Money";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { useCan } from "@/parts/scopes";
import { Empty, Loaded, ProblemNote } from "@/parts/states";
import { When } from "@/parts/When";
import { isMoving, lines, parcelsByNode, reached, type Plan, type PlanMove } from "./plans";

const whole = (n: number) => n.toLocaleString("en-GB");
const CRUMBS = [{ label: "Routing rules", to: "/routing" }, { label: "Plan open orders", to: "/routing/plans" }];
const SHOWN = 100;

/** A plan of open orders: what it saves, which orders move and why, and how far it is. */
export function PlanDetail() {
  const { planId = "" } = useParams();
  const queries = useQueryClient();
  useEvents(
    useCallback(
      (event) => {
        if (event.subject === `routing_plan:${planId}`) void queries.invalidateQueries({ queryKey: ["routing-plans"] });
      },
      [planId, queries],
    ),
  );
  const plan = useQuery({
    queryKey: ["routing-plans", "detail", planId],
    queryFn: () => answer(api.GET("/api/v1/routing-plans/{plan_id}", { params: { path: { plan_id: planId } } })),
    refetchInterval: (query) => (query.state.data && !isMoving(query.state.data) ? false : 2000),
  });
  return (
    <Loaded query={plan} frame={(inside) => <Page title="Plan" crumbs={CRUMBS}>{inside}</Page>}>
      {(found) => (
        <Page
          title={`Plan ${found.number}`}
          crumbs={CRUMBS}
          chips={<Chip state={found.status} />}
          about={found.why ?? (found.planned_at ? "As orders, stock and cards were when it was made; each order is looked at again when it moves." : "Orders go on being placed while it is made.")}
          actions={<Verbs of={found} />}
        >
          {isMoving(found) && <HowFar of={found} />}
          {found.planned_at ? <Columns main={<><Compared of={found} /><Moves of={found} /></>} side={<Sums of={found} />} /> : !isMoving(found) && <Empty title="There is no plan">{found.why}</Empty>}
        </Page>
      )}
    </Loaded>
  );
}

function HowFar({ of: plan }: { of: Plan }) {
  const isMade = plan.status === "planning";
  const done = isMade ? plan.stage_no : (plan.counts.moved ?? 0) + (plan.counts.skipped ?? 0);
  const total = isMade ? plan.stages : plan.moving;
  return (
    <Card>
      <div className="progress" role="progressbar" aria-label={isMade ? "Planning" : "Orders that have moved"} aria-valuemin={0} aria-valuemax={total} aria-valuenow={done}>
        <span data-tone="ok" ref={(bar) => bar?.style.setProperty("width", `${total ? (100 * done) / total : 0}%`)} />
      </div>
      <p className="quiet">{isMade ? `${done + 1} of ${total}: ${plan.stage ?? "waiting for its turn"}` : `${whole(done)} of ${whole(total)} orders`}</p>
    </Card>
  );
}

function Verbs({ of: plan }: { of: Plan }) {
  const may = useCan()("write_orders");
  const [isOpen, setOpen] = useState(false);
  const path = { params: { path: { plan_id: plan.id } } };
  const stop = useWrite((_: null, once) => answer(api.POST("/api/v1/routing-plans/{plan_id}/stop", { ...path, body: {}, ...once })), { touches: ["routing-plans"] });
  if (!may) return null;
  return (
    <>
      <ProblemNote problem={stop.error} />
      {plan.next.includes("stop") && <Button loading={stop.isPending} onClick={() => stop.mutate(null)}>Move no more</Button>}
      {plan.next.includes("drop") && <Button loading={stop.isPending} onClick={() => stop.mutate(null)}>Drop it</Button>}
      {plan.next.includes("apply") && <Button variant="contained" onClick={() => setOpen(true)}>Apply</Button>}
      {isOpen && <Apply of={plan} close={() => setOpen(false)} />}
    </>
  );
}

function Apply({ of: plan, close }: { of: Plan; close: () => void }) {
  const apply = useWrite(
    (body: { version: number }, once) => answer(api.POST("/api/v1/routing-plans/{plan_id}/apply", { params: { path: { plan_id: plan.id } }, body, ...once })),
    { touches: ["routing-plans", "routing-plan-moves", "orders", "fulfilments", "allocations", "stock"] },
  );
  const saves = plan.currency ? ` and save ${moneyText(plan.saved, plan.currency)}` : "";
  return (
    <Ask<{ sure: boolean }, { version: number }>
      title={`Move ${plan.moving === 1 ? "1 order" : `${whole(plan.moving)} orders`}${saves}`}
      about="Some at a time, while orders go on being placed. What changed since the plan was made stays where it is, and says so."
      verb="Move them"
      values={{ sure: true }}
      input={() => ({ version: plan.version })}
      write={apply}
      close={close}
    />
  );
}

function Compared({ of: plan }: { of: Plan }) {
  const currency = plan.currency ?? "EUR";
  return (
    <Card title="Now and as planned">
      <div className="stack">
        <CostBars of={plan} currency={currency} />
        <Rows
          rows={lines(plan)}
          keyOf={(line) => line.what}
          columns={[
            { id: "what", label: "", grow: true, render: (line) => line.what },
            { id: "now", label: "Now", align: "right", render: (line) => (line.isMoney ? <Money amount={line.now} currency={currency} /> : whole(line.now)) },
            { id: "planned", label: "Planned", align: "right", render: (line) => <span className={line.now === line.planned ? undefined : "strong"}>{line.isMoney ? <Money amount={line.planned} currency={currency} /> : whole(line.planned)}</span> },
          ]}
        />
        <NodeBars of={plan} />
      </div>
    </Card>
  );
}

const WIDTH = 640;
const BAND = 30;
const LEFT = 130;

/** The three sums that matter, as bars from nothing. */
function CostBars({ of: plan, currency }: { of: Plan; currency: string }) {
  const bars = [
    { what: "Now", amount: plan.cost_now, tone: "now" },
    { what: "As planned", amount: plan.cost_planned, tone: "then" },
    { what: "No plan is below", amount: plan.bound, tone: "now" },
  ];
  const most = Math.max(1, ...bars.map((bar) => bar.amount));
  return (
    <figure className="node-bars">
      <svg viewBox={`0 0 ${WIDTH} ${bars.length * BAND}`} role="img" aria-label={bars.map((bar) => `${bar.what}: ${moneyText(bar.amount, currency)}`).join("; ")}>
        {bars.map((bar, n) => (
          <g key={bar.what} transform={`translate(0 ${n * BAND})`}>
            <text x={0} y={17}>{bar.what}</text>
            <rect className={bar.tone} x={LEFT} y={5} width={((WIDTH - LEFT - 120) * Math.max(0, bar.amount)) / most} height={16} />
            <text className="count" x={LEFT + ((WIDTH - LEFT - 120) * Math.max(0, bar.amount)) / most + 6} y={17}>{moneyText(bar.amount, currency)}</text>
          </g>
        ))}
      </svg>
    </figure>
  );
}

function NodeBars({ of: plan }: { of: Plan }) {
  const bars = parcelsByNode(plan);
  const most = Math.max(1, ...bars.flatMap((bar) => [bar.now, bar.planned]));
  const wide = (n: number) => ((WIDTH - LEFT - 60) * n) / most;
  return (
    <figure className="node-bars">
      <svg viewBox={`0 0 ${WIDTH} ${bars.length * 34 + 4}`} role="img" aria-label={`Parcels by node. ${bars.map((bar) => `${bar.node}: ${bar.now} now, ${bar.planned} planned`).join("; ")}.`}>
        {bars.map((bar, n) => (
          <g key={bar.node} transform={`translate(0 ${n * 34})`}>
            <text x={0} y={19}>{bar.node}</text>
            <rect className="now" x={LEFT} y={3} width={wide(bar.now)} height={11} />
            <rect className="then" x={LEFT} y={16} width={wide(bar.planned)} height={11} />
            <text className="count" x={LEFT + wide(bar.now) + 6} y={12}>{whole(bar.now)}</text>
            <text className="count" x={LEFT + wide(bar.planned) + 6} y={25}>{whole(bar.planned)}</text>
          </g>
        ))}
      </svg>
      <figcaption className="row small quiet">
        <span className="replay-key now">now</span>
        <span className="replay-key then">planned</span>
        <span>parcels by node</span>
      </figcaption>
    </figure>
  );
}

function Sums({ of: plan }: { of: Plan }) {
  const currency = plan.currency ?? "EUR";
  const share = reached(plan);
  return (
    <>
      <Card title="Altogether">
        <Facts
          facts={[
            ["Saves", <Money key="saved" amount={plan.saved} currency={currency} strong />],
            ["Of what can be saved at most", share === null ? "nothing can be" : `${share} %`],
            ["Orders planned", whole(plan.orders)],
            ["Orders that move", whole(plan.moving)],
            ["Moved", plan.counts.moved ? whole(plan.counts.moved) : null],
            ["Left where they are", plan.counts.skipped ? whole(plan.counts.skipped) : null],
            ["Without a price by any card", plan.figures.unpriced ? whole(plan.figures.unpriced) : null],
            ["Made", plan.planned_at && <When at={plan.planned_at} />],
            ["Ended", plan.ended_at && <When at={plan.ended_at} />],
          ]}
        />
      </Card>
      {plan.between.length > 0 && (
        <Card title="From where to where" flush>
          <Rows
            rows={plan.between}
            keyOf={(row) => `${row.from_node}|${row.to_node}`}
            columns={[
              { id: "from_node", label: "From", render: (r) => r.from_node },
              { id: "to_node", label: "To", grow: true, render: (r) => r.to_node },
              { id: "orders", label: "Orders", align: "right", render: (r) => whole(r.orders) },
              { id: "units", label: "Units", align: "right", render: (r) => whole(r.units) },
            ]}
          />
        </Card>
      )}
      {Object.keys(plan.left_out).length > 0 && (
        <Card title="Not planned">
          <Facts facts={Object.entries(plan.left_out).map(([why, count]) => [why, whole(count)])} />
        </Card>
      )}
    </>
  );
}

function Moves({ of: plan }: { of: Plan }) {
  const moves = useQuery({
    queryKey: ["routing-plans", "moves", plan.id, plan.status, plan.counts],
    queryFn: () => answer(api.GET("/api/v1/routing-plan-moves", { params: { query: { plan_id_eq: plan.id, sort: "-saved", limit: SHOWN } } })),
    placeholderData: (before) => before,
  });
  if (plan.moving === 0) return <Card><Empty title="No order moves">Everything is where it costs least, or moving it gains too little.</Empty></Card>;
  return (
    <Card title="Orders that move, those that save most first" count={plan.moving} flush action={<ExportLink file="routing_plan_moves" query={`?plan_id_eq=${plan.id}`} />}>
      <Loaded query={moves}>{(found) => <MoveRows rows={found.data} />}</Loaded>
      {plan.moving > SHOWN && <p className="quiet small pad">The first {SHOWN} of {whole(plan.moving)}; all are in the export.</p>}
    </Card>
  );
}

function MoveRows({ rows }: { rows: PlanMove[] }) {
  return (
    <Rows
      rows={rows}
      keyOf={(row) => row.order_id}
      columns={[
        { id: "number", label: "Order", render: (m) => <Link className="link strong" to={orderHref(m.order_id)}>{m.number}</Link> },
        { id: "country", label: "To", render: (m) => m.country ?? <span className="faint">?</span> },
        { id: "moves", label: "Units", render: (m) => m.moves.map((u) => <div key={`${u.sku}${u.from_node}${u.to_node}`} className="nowrap">{u.quantity} {u.sku} {u.from_node} → {u.to_node}</div>) },
        { id: "saved", label: "Saves", align: "right", render: (m) => <Money amount={m.saved} currency={m.currency ?? "EUR"} strong={m.saved > 0} /> },
        { id: "why", label: "Why", grow: true, render: (m) => <><div>{m.why}</div>{m.next_best && <div className="quiet small">{m.next_best}</div>}</> },
        { id: "state", label: "State", render: (m) => <><Chip state={m.state} />{m.sentence && <div className="quiet small">{m.sentence}</div>}</> },
      ]}
    />
  );
}
