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
type Values = {
  code: string; type: Body["type"]; zone: string; sequence: string; level: string;
  capacity: string; grams: string; cm3: string; hazards: string; temperature: NonNullable<Body["temperature"]>;
  mixes_skus: boolean; mixes_lots: boolean; blocked: boolean; active: boolean;
};
const TYPES = ["receiving", "reserve", "pick_face", "packing", "quarantine", "dispatch"] as const;
const TEMPERATURES = ["ambient", "chilled", "frozen"] as const;
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
        level: String(bin?.level ?? 0),
        grams: bin?.capacity_grams ? String(bin.capacity_grams) : "",
        cm3: bin?.capacity_cm3 ? String(bin.capacity_cm3) : "",
        hazards: (bin?.hazard_classes as string[] | undefined)?.join(", ") ?? "",
        temperature: (bin?.temperature ?? "ambient") as Values["temperature"],
        mixes_skus: bin?.mixes_skus ?? true,
        mixes_lots: bin?.mixes_lots ?? true,
        blocked: bin?.blocked ?? false,
        active: bin?.active ?? true,
      }}
      input={({ code, zone, sequence, level, capacity, grams, cm3, hazards, ...rest }) => ({
        code: code.trim(),
        body: {
          ...rest,
          zone: zone.trim() || null,
          sequence: Number(sequence),
          level: Number(level),
          capacity_units: capacity ? Number(capacity) : null,
          capacity_grams: grams ? Number(grams) : null,
          capacity_cm3: cm3 ? Number(cm3) : null,
          hazard_classes: hazards.split(/[\s,]+/).filter(Boolean) as NonNullable<Body["hazard_classes"]>,
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
        <NumberIn name="level" label="Level" min={0} required help="0 is the floor" />
        <SelectIn name="temperature" label="Temperature" choices={TEMPERATURES} />
      </div>
      <div className="form-grid">
        <NumberIn name="capacity" label="Capacity in units" min={1} />
        <NumberIn name="grams" label="Capacity in g" min={1} />
        <NumberIn name="cm3" label="Capacity in cm³" min={1} help="1000 are a litre" />
      </div>
      <TextIn name="hazards" label="Dangerous goods" help="UN classes that may lie here: 3, 8" />
      <YesNo name="mixes_skus" label="Several SKUs may share it" />
      <YesNo name="mixes_lots" label="Several lots may share it" />
      <YesNo name="blocked" label="Blocked: may be emptied and not filled" />
      <YesNo name="active" label="In use" />
    </Ask>
  );
}
