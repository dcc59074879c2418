import Button from "@mui/material/Button";
import { useNotify } from "ra-core";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { SelectIn, TextIn } from "@/parts/fields";
import { useCan } from "@/parts/scopes";
import { useSeen } from "@/parts/seen";
import type { Order } from "./order";

type Body = Shape<"ShippingPlanBody">;
type Values = { how: "ready" | "whole" | "day"; day: string; reason: string };

const HOW = [
  { value: "ready", label: "As it is ready, in parts if need be" },
  { value: "whole", label: "All in one go, however long it takes" },
  { value: "day", label: "Together, but no later than a day" },
];
const NOT_GONE = ["placed", "held", "released", "partly_shipped"];

/** How an order leaves, in words. */
export const shippingText = (order: Pick<Order, "ship_complete" | "waits_until">) =>
  order.ship_complete ? "all in one go" : order.waits_until ? `together, until ${order.waits_until} at most` : "may come in parts";

/** Whether an order leaves in one go, or waits for its other units until a day. */
export function PlanShippingButton({ order }: { order: Order }) {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_orders") || !NOT_GONE.includes(order.status)) return null;
  return (
    <>
      <Button variant="text" onClick={() => setOpen(true)}>Change how it leaves</Button>
      {isOpen && <PlanShipping order={order} close={() => setOpen(false)} />}
    </>
  );
}

function PlanShipping({ order, close }: { order: Order; close: () => void }) {
  const notify = useNotify();
  const seen = useSeen(order.version);
  const plan = useWrite(
    (body: Body, once) => answer(api.PUT("/api/v1/orders/{order}/shipping-plan", { params: { path: { order: order.id } }, body, ...once })),
    { touches: ["orders", "fulfilments", "waves"], done: (now) => notify(`${now.number} leaves so from now on.`) },
  );
  return (
    <Ask<Values, Body>
      title={`How ${order.number} leaves`}
      about="What is begun goes on. What nobody has begun waits with the rest."
      verb="Save"
      width="sm"
      values={{ how: order.ship_complete ? "whole" : order.waits_until ? "day" : "ready", day: order.waits_until ?? "", reason: "" }}
      input={(v) => ({
        ship_complete: v.how === "whole", waits_until: v.how === "day" && v.day ? v.day : null, reason: v.reason, version: seen.version,
      })}
      write={plan}
      close={close}
      seen={seen}
      what="order"
    >
      <SelectIn name="how" label="It leaves" choices={HOW} required />
      <TextIn name="day" label="No later than" type="date" help="Of the node's calendar; for the last choice alone" />
      <TextIn name="reason" label="Why" required autoFocus />
    </Ask>
  );
}
