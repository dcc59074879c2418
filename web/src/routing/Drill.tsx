import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { useNotify } from "ra-core";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { freshKey } from "@/api/send";
import { useWrite } from "@/api/write";
import { orderHref } from "@/orders/order";
import { Ask } from "@/parts/Ask";
import { Chip } from "@/parts/Chip";
import { TextIn } from "@/parts/fields";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { useCan } from "@/parts/scopes";
import { Empty, Loaded } from "@/parts/states";

type DrillOf = Shape<"NodeDrill">;
type Order = DrillOf["rows"][number];

/** What would become of a node's open units if it shipped no more; and, once it does not, moving them out. */
export function Drill() {
  const { node = "" } = useParams();
  const crumbs = [{ label: "Nodes and bins", to: "/nodes" }, { label: node, to: `/nodes/${node}` }];
  const title = `If ${node} shipped no more`;
  const drill = useQuery({
    queryKey: ["nodes", "drill", node],
    queryFn: () => answer(api.POST("/api/v1/nodes/{node}/drill", { params: { path: { node } }, headers: { "Idempotency-Key": freshKey() } })),
  });
  return (
    <Loaded query={drill} frame={(inside) => <Page title={title} crumbs={crumbs}>{inside}</Page>}>
      {(found) => (
        <Page
          title={title}
          crumbs={crumbs}
          chips={found.ships ? <Chip state="ships" tone="ok" label="Ships orders" /> : <Chip state="stopped" label="Ships no more" />}
          about="Order by order, oldest first, by the rules in force and the stock of this moment. Looking changes nothing."
          actions={
            <>
              <Button onClick={() => void drill.refetch()} loading={drill.isFetching}>Look again</Button>
              <EmptyButton of={found} />
            </>
          }
        >
          <Columns main={<Orders of={found} />} side={<Sums of={found} />} />
        </Page>
      )}
    </Loaded>
  );
}

const whole = (n: number) => n.toLocaleString("en-GB");

function Sums({ of: drill }: { of: DrillOf }) {
  return (
    <>
      <Card title="Altogether">
        <Facts
          facts={[
            ["Orders", whole(drill.orders)],
            ["Units", whole(drill.units)],
            ["Go from elsewhere", whole(drill.moved)],
            ["Of these wait for stock", whole(drill.waits)],
            ["Have nowhere to go", whole(drill.stays)],
            ["Picked, go out from here", whole(drill.picked)],
            ["Parcels more", whole(drill.parcels_more)],
            ["Kilometres more", drill.km_more === null ? null : whole(drill.km_more)],
            ["Orders that leave later", drill.later ? `${whole(drill.later)}, by up to ${drill.most_days_later} days` : "none"],
            ["Orders not looked at", drill.left_out ? whole(drill.left_out) : null],
          ]}
        />
      </Card>
      <Card title="Where they would go" flush={drill.by_node.length > 0}>
        {drill.by_node.length === 0 ? (
          <Empty title="Nowhere" />
        ) : (
          <Rows
            rows={drill.by_node}
            keyOf={(row) => row.node}
            columns={[
              { id: "node", label: "Node", grow: true, render: (r) => <Link className="link" to={`/nodes/${r.node}`}>{r.node}</Link> },
              { id: "units", label: "Units", align: "right", render: (r) => whole(r.units) },
              { id: "orders", label: "Orders", align: "right", render: (r) => whole(r.orders) },
            ]}
          />
        )}
      </Card>
    </>
  );
}

const signed = (n: number | null) => (n === null ? <span className="faint">?</span> : n === 0 ? <span className="faint">0</span> : `${n > 0 ? "+" : "−"}${whole(Math.abs(n))}`);

function Orders({ of: drill }: { of: DrillOf }) {
  if (drill.rows.length === 0) return <Card><Empty title="Nothing is open here">No order has units at {drill.node} that nobody has picked.</Empty></Card>;
  return (
    <Card title="Orders, those that suffer most first" count={drill.orders} flush>
      <Rows
        rows={drill.rows}
        keyOf={(row) => row.order_id}
        columns={[
          { id: "number", label: "Order", render: (o) => <Link className="link strong" to={orderHref(o.order_id)}>{o.number}</Link> },
          { id: "country", label: "To", render: (o) => o.country ?? <span className="faint">?</span> },
          { id: "units", label: "Units", align: "right", render: (o) => whole(o.units) },
          { id: "to", label: "Would come", grow: true, render: (o) => <Where of={o} /> },
          { id: "waits", label: "Waits", align: "right", render: (o) => (o.waits ? <span className="strong">{whole(o.waits)}</span> : <span className="faint">0</span>) },
          { id: "stays", label: "Stays", align: "right", render: (o) => (o.stays ? <span className="bad strong">{whole(o.stays)}</span> : <span className="faint">0</span>) },
          { id: "parcels_more", label: "Parcels", align: "right", render: (o) => signed(o.parcels_more) },
          { id: "km_more", label: "km", align: "right", render: (o) => signed(o.km_more) },
          { id: "days_later", label: "Days", align: "right", render: (o) => signed(o.days_later) },
        ]}
      />
      {drill.orders > drill.rows.length && <p className="quiet small pad">The first {drill.rows.length} of {whole(drill.orders)}.</p>}
    </Card>
  );
}

function Where({ of: order }: { of: Order }) {
  if (order.to.length === 0) return <span className="faint">nowhere</span>;
  return <span title={order.why.join("\n")}>{order.to.map((unit) => `${unit.quantity} ${unit.sku} from ${unit.node}${unit.waits ? ", when stock comes" : ""}`).join("; ")}</span>;
}

function EmptyButton({ of: drill }: { of: DrillOf }) {
  const [isOpen, setOpen] = useState(false);
  const may = useCan()("write_settings");
  if (!may || drill.moved === 0) return null;
  if (drill.ships) return <Button component={Link} to={`/nodes/${drill.node}`} variant="outlined" color="inherit">Let it ship no more…</Button>;
  return (
    <>
      <Button variant="contained" color="error" onClick={() => setOpen(true)}>Move them out</Button>
      {isOpen && <MoveOut of={drill} close={() => setOpen(false)} />}
    </>
  );
}

function MoveOut({ of: drill, close }: { of: DrillOf; close: () => void }) {
  const notify = useNotify();
  const empty = useWrite(
    (body: { reason: string }, once) => answer(api.POST("/api/v1/nodes/{node}/empty", { params: { path: { node: drill.node } }, body, ...once })),
    { touches: ["nodes", "orders", "fulfilments", "allocations", "stock"], done: (begun) => notify(`${whole(begun.units)} units of ${whole(begun.orders)} orders are on their way out of ${drill.node}.`) },
  );
  return (
    <Ask<{ reason: string }, { reason: string }>
      title={`Move ${whole(drill.moved)} units out of ${drill.node}`}
      about={`${whole(drill.orders)} orders are routed anew, some at a time. What is picked goes out from ${drill.node}; what has nowhere to go stays.`}
      verb="Move them out"
      tone="error"
      values={{ reason: "" }}
      input={(values) => values}
      write={empty}
      close={close}
    >
      <TextIn name="reason" label="Reason" required autoFocus placeholder="Water in the hall" />
    </Ask>
  );
}
