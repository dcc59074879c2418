import { CirclePause } from "lucide-react";
import { Chip } from "@/parts/Chip";
import { actorText } from "@/parts/History";
import { Ago, When } from "@/parts/When";
import type { Order } from "./order";

/** Why nothing happens: on top, because it is the first thing to know. */
export function Holds({ order }: { order: Order }) {
  const holds = order.holds.filter((hold) => hold.released_at === null);
  if (holds.length === 0) return null;
  const isParked = order.allocations.some((unit) => unit.parked_at !== null);
  return (
    <div className="holds">
      {holds.map((hold) => (
        <div key={hold.id} className="row wrap">
          <CirclePause size={16} aria-hidden />
          <span className="strong">On hold</span>
          <Chip state={hold.reason} />
          <span>{hold.note}</span>
          <span className="faint small">
            {actorText(hold.placed_by)}, <Ago at={hold.placed_at} />
          </span>
          {hold.expires_at && <span className="quiet small">{isParked ? "its units are on sale until it is released" : <>its units go back on sale <When at={hold.expires_at} /></>}</span>}
        </div>
      ))}
    </div>
  );
}
