import Button from "@mui/material/Button";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { Chip } from "@/parts/Chip";
import { NumberIn, TextIn } from "@/parts/fields";
import { useCan } from "@/parts/scopes";
import { useTold } from "@/undo/useTold";
import { TOUCHES } from "./stock";

type Body = Shape<"Adjustment">;
type Place = Pick<Shape<"BinStock">, "sku" | "node" | "bin" | "lot" | "status" | "quantity">;

/** People say how many there are; the books get the difference, and only if nobody moved anything meanwhile. */
export function AdjustButton({ stock }: { stock: Place }) {
  const can = useCan();
  const [seen, setSeen] = useState<Place | null>(null);
  if (!can("write_stock") || stock.status === "transit") return null;
  return (
    <>
      <Button variant="text" onClick={() => setSeen(stock)}>
        Adjust
      </Button>
      {seen && <AdjustStock place={seen} now={stock.quantity} renew={() => setSeen(stock)} close={() => setSeen(null)} />}
    </>
  );
}

type Props = { place: Place; now: number; renew: () => void; close: () => void };

function AdjustStock({ place, now, renew, close }: Props) {
  const told = useTold(TOUCHES);
  const { sku, node, bin, lot, status, quantity } = place;
  const adjust = useWrite((body: Body, once) => answer(api.POST("/api/v1/stock/adjustments", { body, ...once })), {
    touches: TOUCHES,
    done: (now) => told(`${sku} in ${bin} is put right.`, now.undo),
  });
  return (
    <Ask<{ counted: string; reason: string }, Body>
      title={`Adjust ${sku}`}
      about={
        <span className="row wrap">
          {node} · {bin} {lot && ` · ${lot}`} <Chip state={status} /> the books say {quantity}
        </span>
      }
      verb="Adjust"
      values={{ counted: "", reason: "" }}
      input={({ counted, reason }) => ({
        sku, node, bin, lot, reason, status: status as Body["status"], quantity: Number(counted) - quantity, expected: quantity,
      })}
      write={adjust}
      close={close}
      seen={{ version: quantity, isOld: quantity !== now, renew }}
      what="bin"
    >
      <NumberIn name="counted" label="Units that lie there" min={0} required autoFocus />
      <TextIn name="reason" label="Reason" required placeholder="Found behind the shelf" />
    </Ask>
  );
}
