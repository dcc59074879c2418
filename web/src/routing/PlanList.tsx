import Button from "@mui/material/Button";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { Chip } from "@/parts/Chip";
import { NumberIn, SelectIn } from "@/parts/fields";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Money } from "@/parts/Money";
import { NodeIn } from "@/parts/NodeIn";
import { useCan } from "@/parts/scopes";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { planHref } from "./plans";

type Row = Shape<"RoutingPlan"> & { id: string };

const whole = (n: number) => n.toLocaleString("en-GB");

const COLUMNS: Column<Row>[] = [
  { id: "number", label: "Plan", sort: "number", align: "right", render: (r) => <span className="strong">{r.number}</span> },
  { id: "status", label: "State", sort: "status", render: (r) => <Chip state={r.status} /> },
  { id: "orders", label: "Orders", align: "right", render: (r) => whole(r.orders) },
  { id: "moving", label: "Move", align: "right", render: (r) => whole(r.moving) },
  { id: "saved", label: "Saves", align: "right", render: (r) => (r.currency ? <Money amount={r.saved} currency={r.currency} strong={r.saved > 0} /> : <span className="faint">–</span>) },
  { id: "automatic", label: "Asked for", grow: true, render: (r) => (r.automatic ? "by the clock" : <span className="quiet">{r.why ?? "by hand"}</span>) },
  { id: "created_at", label: "Begun", sort: "created_at", render: (r) => <When at={r.created_at} /> },
];

const FILTERS: Filter[] = [
  { field: "status", label: "State", kind: "choice", choices: ["planning", "planned", "applying", "applied", "stopped", "dropped", "failed"] },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "Can be applied", filters: { status_eq: "planned" } },
  { label: "Applied", filters: { status_eq: "applied" } },
];

export function PlanList() {
  const listing = useListing<Row>("routing-plans", { sort: "-number" });
  const can = useCan();
  const [isAsking, setAsking] = useState(false);
  return (
    <ListPage
      title="Plan open orders"
      about="All open orders at once: what they cost from where they are, what they could cost, and which would move. A plan alone changes nothing."
      crumbs={[{ label: "Routing rules", to: "/routing" }]}
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      href={(row) => planHref(row.id)}
      actions={
        <>
          <Button component={Link} to="/routing/plans/weights">What counts</Button>
          {can("write_orders") && <Button variant="contained" onClick={() => setAsking(true)}>Plan now</Button>}
        </>
      }
      empty={<Empty title="No plan yet">Orders are routed one by one when they come. A plan looks at all that nobody has begun to pick, together.</Empty>}
    >
      {isAsking && <PlanNow close={() => setAsking(false)} />}
    </ListPage>
  );
}

type Values = { node: string; channel: string; older_than_minutes: string; most_orders: string };

const CHANNELS = [
  { value: "", label: "Every channel" },
  { value: "web", label: "Web" },
  { value: "marketplace", label: "Marketplace" },
  { value: "store", label: "Store" },
];

function PlanNow({ close }: { close: () => void }) {
  const go = useNavigate();
  const plan = useWrite((body: Shape<"RoutingPlanBody">, once) => answer(api.POST("/api/v1/routing-plans", { body, ...once })), {
    touches: ["routing-plans"],
    done: (begun) => void go(planHref(begun.id)),
  });
  const number = (text: string) => (text === "" ? null : Number(text));
  return (
    <Ask<Values, Shape<"RoutingPlanBody">>
      title="Plan open orders"
      about="Orders that somebody picks or packs are left out. Nothing moves until the plan is applied."
      verb="Plan"
      values={{ node: "", channel: "", older_than_minutes: "", most_orders: "" }}
      input={(v) => ({ node: v.node || null, channel: v.channel || null, older_than_minutes: number(v.older_than_minutes), most_orders: number(v.most_orders) })}
      write={plan}
      close={close}
    >
      <NodeIn name="node" label="With units at (any)" />
      <SelectIn name="channel" label="Channel" choices={CHANNELS} />
      <NumberIn name="older_than_minutes" label="Placed at least so many minutes ago" min={0} />
      <NumberIn name="most_orders" label="At most so many orders" min={1} max={10_000} help="The oldest first" />
    </Ask>
  );
}
