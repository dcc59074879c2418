import Button from "@mui/material/Button";
import { PackagePlus } from "lucide-react";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { NumberIn, SelectIn, TextIn } from "@/parts/fields";
import { NodeIn } from "@/parts/NodeIn";
import { useCan } from "@/parts/scopes";
import { SkuIn } from "@/parts/SkuIn";
import { useTold } from "@/undo/useTold";
import { TOUCHES } from "./stock";

type Body = Shape<"Receipt">;
type Values = { node: string; reference: string; sku: string; quantity: string; bin: string; status: "sellable" | "quarantine" | "damaged" };

export function ReceiveButton({ sku = "" }: { sku?: string }) {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_stock")) return null;
  return (
    <>
      <Button startIcon={<PackagePlus size={14} />} onClick={() => setOpen(true)}>
        Receive
      </Button>
      {isOpen && <ReceiveStock sku={sku} close={() => setOpen(false)} />}
    </>
  );
}

function ReceiveStock({ sku, close }: { sku: string; close: () => void }) {
  const told = useTold(TOUCHES);
  const receive = useWrite((body: Body, once) => answer(api.POST("/api/v1/stock/receipts", { body, ...once })), {
    touches: TOUCHES,
    done: (now) => told(now.filled > 0 ? `Received. ${now.filled} units went to orders that waited.` : "Received.", now.undo),
  });
  return (
    <Ask<Values, Body>
      title="Receive stock"
      about="Goods that came in without a purchase order. Orders that wait for them are filled at once."
      verb="Receive"
      width="sm"
      values={{ node: "", reference: "", sku, quantity: "", bin: "", status: "sellable" }}
      input={({ node, reference, sku, quantity, bin, status }) => ({
        node,
        reference,
        lines: [{ sku: sku.trim(), quantity: Number(quantity), bin: bin.trim() || null, status, lot: "" }],
      })}
      write={receive}
      close={close}
    >
      <SkuIn name="sku" label="SKU" required autoFocus={!sku} />
      <div className="form-grid">
        <NumberIn name="quantity" label="Units" min={1} required autoFocus={Boolean(sku)} />
        <NodeIn name="node" label="Node" required />
      </div>
      <div className="form-grid">
        <TextIn name="bin" label="Bin" help="Empty: the pick face" mono />
        <SelectIn name="status" label="Status" choices={["sellable", "quarantine", "damaged"]} />
      </div>
      <TextIn name="reference" label="Reference" required placeholder="GRN-1001" help="The same reference again is not booked twice by mistake: choose a fresh one." />
    </Ask>
  );
}
