import Button from "@mui/material/Button";
import { Plus } from "lucide-react";
import { useNotify } from "ra-core";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { NumberIn, SelectIn, TextIn, YesNo } from "@/parts/fields";
import { useCan } from "@/parts/scopes";
import { useSeen } from "@/parts/seen";
import type { Node } from "./NodeList";

type Body = Shape<"BinBody">;
type Bin = Node["bins"][number];
type Values = { code: string; type: Body["type"]; zone: string; sequence: string; capacity: string; active: boolean };
const TYPES = ["receiving", "reserve", "pick_face", "packing", "quarantine", "dispatch"] as const;
const NO_ZONE = " ";

export function NewBinButton({ node }: { node: Node }) {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_settings")) return null;
  return (
    <>
      <Button startIcon={<Plus size={14} />} onClick={() => setOpen(true)}>
        New bin
      </Button>
      {isOpen && <PutBin node={node} close={() => setOpen(false)} />}
    </>
  );
}

export function EditBinButton({ node, bin }: { node: Node; bin: Bin }) {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_settings")) return null;
  return (
    <>
      <Button variant="text" onClick={() => setOpen(true)}>
        Edit
      </Button>
      {isOpen && <PutBin node={node} bin={bin} close={() => setOpen(false)} />}
    </>
  );
}

function PutBin({ node, bin, close }: { node: Node; bin?: Bin; close: () => void }) {
  const notify = useNotify();
  const seen = useSeen(bin?.version ?? 0);
  const put = useWrite(
    ({ code, body }: { code: string; body: Body }, once) =>
      answer(api.PUT("/api/v1/nodes/{node}/bins/{code}", { params: { path: { node: node.code, code } }, body, ...once })),
    { touches: ["nodes"], done: (_, { code }) => notify(`Bin ${code} is saved.`) },
  );
  const zones = [{ value: NO_ZONE, label: "None" }, ...node.zones.map((z) => ({ value: z.code, label: `${z.code} · ${z.name}` }))];
  return (
    <Ask<Values, { code: string; body: Body }>
      title={bin ? `Edit bin ${bin.code}` : `New bin at ${node.code}`}
      verb="Save"
      width="sm"
      values={{
        code: bin?.code ?? "",
        type: (bin?.type ?? "reserve") as Body["type"],
        zone: bin?.zone ?? NO_ZONE,
        sequence: String(bin?.sequence ?? 0),
        capacity: bin?.capacity_units ? String(bin.capacity_units) : "",
        active: bin?.active ?? true,
      }}
      input={({ code, zone, sequence, capacity, ...rest }) => ({
        code: code.trim(),
        body: {
          ...rest,
          zone: zone.trim() || null,
          sequence: Number(sequence),
          capacity_units: capacity ? Number(capacity) : null,
          version: bin ? seen.version : null,
        },
      })}
      write={put}
      close={close}
      seen={bin ? seen : undefined}
      what="bin"
    >
      <div className="form-grid">
        {!bin && <TextIn name="code" label="Code" required autoFocus mono />}
        <SelectIn name="type" label="Type" choices={TYPES} required />
        <SelectIn name="zone" label="Zone" choices={zones} />
      </div>
      <div className="form-grid">
        <NumberIn name="sequence" label="Place in the walk" min={0} required />
        <NumberIn name="capacity" label="Capacity in units" min={1} />
      </div>
      <YesNo name="active" label="In use" />
    </Ask>
  );
}
