import { useNotify } from "ra-core";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { TextIn } from "@/parts/fields";
import { NodeIn } from "@/parts/NodeIn";

type Body = Shape<"PickupBody">;
type Values = { node: string; carrier: string; on: string; start: string; end: string; account: string; confirmation: string; note: string };

const given = (typed: string): string | null => typed.trim() || null;

export function BookPickup({ close }: { close: () => void }) {
  const notify = useNotify();
  const book = useWrite((body: Body, once) => answer(api.POST("/api/v1/pickups", { body, ...once })), {
    touches: ["pickups", "home"],
    done: (made) => notify(made.status === "booked" ? `${made.number} is booked.` : `${made.number}: the carrier is being told.`),
  });
  return (
    <Ask<Values, Body>
      title="Book a pickup"
      about="The carrier is told through an account; without one, call it and put its number in."
      verb="Book"
      width="sm"
      values={{ node: "", carrier: "", on: new Date().toISOString().slice(0, 10), start: "", end: "", account: "", confirmation: "", note: "" }}
      input={(v) => ({
        node: v.node,
        carrier: v.carrier.trim(),
        on: v.on,
        start: given(v.start),
        end: given(v.end),
        account: given(v.account),
        confirmation: given(v.confirmation),
        note: given(v.note),
      })}
      write={book}
      close={close}
    >
      <div className="form-grid">
        <NodeIn name="node" label="Node" required autoFocus />
        <TextIn name="carrier" label="Carrier" required />
        <TextIn name="on" label="Day" type="date" required />
      </div>
      <div className="form-grid">
        <TextIn name="start" label="From" mono placeholder="As its calendar" />
        <TextIn name="end" label="To" mono placeholder="As its calendar" />
      </div>
      <div className="form-grid">
        <TextIn name="account" label="Account" placeholder="As its calendar" />
        <TextIn name="confirmation" label="The carrier's number" help="If you have called it" mono />
      </div>
      <TextIn name="note" label="For the driver" />
    </Ask>
  );
}
