import { useQuery } from "@tanstack/react-query";
import { useNotify } from "ra-core";
import { useFormContext, useWatch } from "react-hook-form";
import { answer, api, type Shape } from "@/api/client";
import { freshKey } from "@/api/send";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { words } from "@/parts/Chip";
import { NumberIn, TextIn } from "@/parts/fields";
import { NodeIn } from "@/parts/NodeIn";
import { useSeen } from "@/parts/seen";
import { ProblemNote } from "@/parts/states";
import { at, TOUCHES, type Order } from "./order";

type Body = Shape<"RerouteBody">;
type Move = Body["moves"][number];
type Values = { to_node: string; reason: string; units: Record<string, string> };
type Part = { key: string; line_no: number; sku: string; node: string; quantity: number };

/** What can leave, by line, SKU and node. */
function partsOf(order: Order): Part[] {
  const parts = new Map<string, Part>();
  for (const { line_no, sku, node, quantity, state } of order.allocations) {
    if (state !== "allocated" && state !== "backordered") continue;
    const key = `${line_no}_${sku.replaceAll(".", "·")}_${node.replaceAll(".", "·")}`;
    const known = parts.get(key);
    if (known) known.quantity += quantity;
    else parts.set(key, { key, line_no, sku, node, quantity });
  }
  return [...parts.values()];
}

function movesOf(parts: Part[], { to_node, units }: Values): Move[] {
  if (!to_node) return [];
  return parts
    .map((part) => ({ line_no: part.line_no, sku: part.sku, from_node: part.node, to_node, quantity: Number(units[part.key]) || 0 }))
    .filter((move) => move.quantity > 0 && move.from_node !== to_node);
}

/** Units of an order promised at another node, looked at before it is done. Picked ones are not offered. */
export function Reroute({ order, close }: { order: Order; close: () => void }) {
  const notify = useNotify();
  const seen = useSeen(order.version);
  const parts = partsOf(order);
  const reroute = useWrite((body: Body, once) => answer(api.POST("/api/v1/orders/{order}/reroute", { ...at(order.id), body, ...once })), {
    touches: TOUCHES,
    done: () => notify(`Units of order ${order.number} come from another node now.`),
  });
  return (
    <Ask<Values, Body>
      title={`Move units of order ${order.number}`}
      about="They are let go where they are promised and promised at the other node, in one step. What is picked stays."
      verb="Move them"
      width="sm"
      values={{ to_node: "", reason: "", units: Object.fromEntries(parts.map((part) => [part.key, String(part.quantity)])) }}
      input={(values) => {
        const moves = movesOf(parts, values);
        return moves.length ? { moves, reason: values.reason, version: seen.version } : null;
      }}
      write={reroute}
      close={close}
      seen={seen}
      what="order"
    >
      <NodeIn name="to_node" label="To" required autoFocus />
      <div className="stack tight">
        {parts.map((part) => (
          <div key={part.key} className="line-units">
            <div className="ellipsis">
              <span className="mono strong">{part.sku}</span>
              <p className="faint small">line {part.line_no}, at {part.node}</p>
            </div>
            <NumberIn name={`units.${part.key}`} label={`Units of ${part.quantity}`} min={0} max={part.quantity} />
          </div>
        ))}
      </div>
      <Preview order={order} parts={parts} />
      <TextIn name="reason" label="Reason" required placeholder="The customer is in a hurry" />
    </Ask>
  );
}

function Preview({ order, parts }: { order: Order; parts: Part[] }) {
  const { control } = useFormContext<Values>();
  const values = useWatch({ control }) as Values;
  const moves = movesOf(parts, values);
  const seen = useQuery({
    queryKey: ["orders", "reroute", order.id, order.version, moves],
    enabled: moves.length > 0,
    placeholderData: (before) => before,
    queryFn: () => answer(api.POST("/api/v1/orders/{order}/reroute/preview", { ...at(order.id), body: { moves }, headers: { "Idempotency-Key": freshKey() } })),
  });
  if (moves.length === 0) return <p className="quiet small">Choose a node and how many units.</p>;
  if (seen.error) return <ProblemNote problem={seen.error} />;
  if (!seen.data) return null;
  const { before, after, says, obstacles, stock } = seen.data;
  return (
    <div className="note" role="status">
      {obstacles.map((obstacle) => (
        <p key={obstacle} className="bad">{words(obstacle)}</p>
      ))}
      {obstacles.length === 0 && (
        <>
          <p>
            <span className="strong">{before.nodes.join(" + ")} → {after.nodes.join(" + ")}</span> {says.replace(/^from [^:]*: /, "")}
          </p>
          <p className="quiet small">
            {stock.map((s) => `${s.quantity > 0 ? "+" : "−"}${Math.abs(s.quantity)} ${s.sku} ${s.state} at ${s.node}`).join(", ")}
          </p>
        </>
      )}
    </div>
  );
}
