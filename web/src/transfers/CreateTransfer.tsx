import Button from "@mui/material/Button";
import IconButton from "@mui/material/IconButton";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useFieldArray } from "react-hook-form";
import { useNavigate } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { NumberIn } from "@/parts/fields";
import { NodeIn } from "@/parts/NodeIn";
import { useCan } from "@/parts/scopes";
import { SkuIn } from "@/parts/SkuIn";

type Body = Shape<"NewTransfer">;
type Values = { from_node: string; to_node: string; lines: { sku: string; quantity: string }[] };

export function CreateButton() {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_stock")) return null;
  return (
    <>
      <Button variant="contained" color="primary" startIcon={<Plus size={14} />} onClick={() => setOpen(true)}>
        New transfer
      </Button>
      {isOpen && <CreateTransfer close={() => setOpen(false)} />}
    </>
  );
}

function CreateTransfer({ close }: { close: () => void }) {
  const navigate = useNavigate();
  const create = useWrite((body: Body, once) => answer(api.POST("/api/v1/transfers", { body, ...once })), {
    touches: ["transfers"],
    done: ({ id }) => void navigate(`/transfers/${id}`),
  });
  return (
    <Ask<Values, Body>
      title="New transfer"
      about="A plan: nothing moves until it is sent."
      verb="Plan it"
      width="sm"
      values={{ from_node: "", to_node: "", lines: [{ sku: "", quantity: "" }] }}
      input={({ lines, ...nodes }) => ({
        ...nodes,
        lines: lines.map((line) => ({ sku: line.sku.trim(), quantity: Number(line.quantity), lot: "" })),
      })}
      write={create}
      close={close}
    >
      <div className="form-grid">
        <NodeIn name="from_node" label="From" required autoFocus />
        <NodeIn name="to_node" label="To" required />
      </div>
      <Lines />
    </Ask>
  );
}

function Lines() {
  const { fields, append, remove } = useFieldArray<Values>({ name: "lines" });
  return (
    <>
      {fields.map((row, index) => (
        <div key={row.id} className="line-units with-remove">
          <SkuIn name={`lines.${index}.sku`} label="SKU" required />
          <NumberIn name={`lines.${index}.quantity`} label="Units" min={1} required />
          <IconButton aria-label="Leave this line out" disabled={fields.length === 1} onClick={() => remove(index)}>
            <Trash2 size={15} />
          </IconButton>
        </div>
      ))}
      <div>
        <Button startIcon={<Plus size={14} />} onClick={() => append({ sku: "", quantity: "" })}>
          Add a line
        </Button>
      </div>
    </>
  );
}
