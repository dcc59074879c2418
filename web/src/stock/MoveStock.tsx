import Button from "@mui/material/Button";
import { ArrowLeftRight } from "lucide-react";
import { useNotify } from "ra-core";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { NumberIn, SelectIn, TextIn } from "@/parts/fields";
import { NodeIn } from "@/parts/NodeIn";
import { useCan } from "@/parts/scopes";
import { TOUCHES } from "./stock";

type Body = Shape<"Move">;
type Status = "sellable" | "quarantine" | "damaged";
type Values = { node: string; quantity: string; from_bin: string; to_bin: string; from_status: Status; to_status: Status; reason: string };
const STATUSES = ["sellable", "quarantine", "damaged"] as const;

export function MoveButton({ sku }: { sku: string }) {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_stock")) return null;
  return (
    <>
      <Button startIcon={<ArrowLeftRight size={14} />} onClick={() => setOpen(true)}>
        Move
      </Button>
      {isOpen && <MoveStock sku={sku} close={() => setOpen(false)} />}
    </>
  );
}

function MoveStock({ sku, close }: { sku: string; close: () => void }) {
  const notify = useNotify();
  const move = useWrite((body: Body, once) => answer(api.POST("/api/v1/stock/moves", { body, ...once })), {
    touches: TOUCHES,
    done: (_, { quantity, to_bin }) => notify(`${quantity} units are in ${to_bin} now.`),
  });
  return (
    <Ask<Values, Body>
      title={`Move ${sku}`}
      about="Between bins or statuses of one node. Between nodes it is a transfer."
      verb="Move"
      width="sm"
      values={{ node: "", quantity: "", from_bin: "", to_bin: "", from_status: "sellable", to_status: "sellable", reason: "" }}
      input={({ quantity, reason, ...rest }) => ({ ...rest, sku, lot: "", quantity: Number(quantity), reason: reason.trim() || null })}
      write={move}
      close={close}
    >
      <div className="form-grid">
        <NodeIn name="node" label="Node" required autoFocus />
        <NumberIn name="quantity" label="Units" min={1} required />
      </div>
      <div className="form-grid">
        <TextIn name="from_bin" label="From bin" required mono />
        <SelectIn name="from_status" label="That are" choices={STATUSES} />
      </div>
      <div className="form-grid">
        <TextIn name="to_bin" label="To bin" required mono />
        <SelectIn name="to_status" label="Then are" choices={STATUSES} />
      </div>
      <TextIn name="reason" label="Reason" />
    </Ask>
  );
}
