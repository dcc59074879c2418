import Button from "@mui/material/Button";
import { ArrowRightLeft } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import "@/look/routing.css";
import { Chip, words } from "@/parts/Chip";
import { Card } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { useCan } from "@/parts/scopes";
import { Scrolls } from "@/parts/Scrolls";
import { Loaded } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { ruleSetHref } from "@/routing/rules";
import type { Order } from "./order";
import { Reroute } from "./Reroute";
import { causeWords, planWords, rankWords, reasons, useRouting, type Decision, type RoutedNode } from "./routing";

/** Why the order ships from where it does: every decision with the nodes as they were known then. */
export function Routing({ order }: { order: Order }) {
  const asked = useRouting(order.id);
  const can = useCan();
  const [isMoving, setMoving] = useState(false);
  const promised = order.allocations.filter((a) => a.state !== "released");
  if (promised.length === 0 && !asked.data?.decisions.length) return null;
  return (
    <Card
      title="Routing"
      action={
        asked.data?.next.includes("reroute") && can("write_orders") && (
          <Button startIcon={<ArrowRightLeft size={14} />} onClick={() => setMoving(true)}>
            Move to another node
          </Button>
        )
      }
    >
      <Loaded query={asked}>
        {(routing) =>
          routing.decisions.length === 0 ? (
            <ul className="stack tight">
              {[...new Set(promised.map((a) => `${a.quantity} ${a.sku} from ${a.node}${a.why ? `: ${a.why}` : ""}`))].map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          ) : (
            <div className="stack">
              {routing.decisions.map((decision, at) => (
                <Decided key={decision.id} decision={decision} isOpen={at === 0} />
              ))}
            </div>
          )
        }
      </Loaded>
      {isMoving && <Reroute order={order} close={() => setMoving(false)} />}
    </Card>
  );
}

function Decided({ decision, isOpen }: { decision: Decision; isOpen: boolean }) {
  return (
    <details open={isOpen} className="decision">
      <summary>
        <span className="strong">{planWords(decision.plan).join(", ")}</span>{" "}
        <span className="faint small">
          {causeWords(decision.cause)} <When at={decision.at} />
        </span>
      </summary>
      <div className="stack tight">
        {decision.why && <p>{decision.why}</p>}
        {decision.rules && (
          <>
            <ul className="caveats">
              {reasons(decision.plan).map((why) => (
                <li key={why}>{why}</li>
              ))}
            </ul>
            <p className="quiet small">
              By <Link className="link" to={ruleSetHref(decision.rules.id)}>version {decision.rules.number}, {decision.rules.name}</Link>
              {decision.country && <>, to {decision.country}</>}.
              {decision.next_best && <> Next best {decision.next_best.says}.</>}
            </p>
          </>
        )}
        <Scrolls name="Nodes and their ranks">
          <Rows rows={decision.nodes} keyOf={(node) => node.node} columns={columnsOf(decision)} />
        </Scrolls>
      </div>
    </details>
  );
}

/** A node with a column for each rule, which are the decision's own. */
type Shown = RoutedNode & Record<string, unknown>;

function columnsOf(decision: Decision): Column<Shown>[] {
  const rules = decision.nodes.find((node) => node.ranks.length > 0)?.ranks ?? [];
  return [
    { id: "place", label: "Place", align: "right", render: (n) => n.place ?? <span className="faint">–</span> },
    { id: "node", label: "Node", render: (n) => <Link className="link" to={`/nodes/${n.node}`}>{n.node}</Link> },
    ...rules.map(({ kind, name }, at): Column<Shown> => ({ id: kind, label: words(name), render: (n) => (n.ranks[at] ? rankWords(n, kind, n.ranks[at].rank) : <span className="faint">–</span>) })),
    ...(rules.some((r) => r.kind === "nearest") ? [] : [{ id: "km", label: "Distance", align: "right", render: (n) => (n.km === null ? <span className="faint">?</span> : `${n.km.toLocaleString("en-GB")} km`) } satisfies Column<Shown>]),
    { id: "free", label: "Had free", render: (n) => Object.entries(n.free).map(([sku, units]) => `${units} ${sku}`).join(", ") || <span className="faint">–</span> },
    { id: "units", label: "Ships", align: "right", render: (n) => (n.units ? <span className="strong">{n.units}</span> : <span className="faint">0</span>) },
    { id: "excluded", label: "", grow: true, render: (n) => (n.excluded ? <Chip state="excluded" tone="warn" label={n.excluded} /> : n.barred.map((why) => <Chip key={why} state="barred" tone="warn" label={why} />)) },
  ];
}
