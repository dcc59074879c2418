import Button from "@mui/material/Button";
import { Plus } from "lucide-react";
import { useState } from "react";
import type { Shape } from "@/api/client";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Money } from "@/parts/Money";
import { useCan } from "@/parts/scopes";
import { SearchField } from "@/parts/SearchField";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { PutBox } from "./PutBox";

export type Box = Shape<"PackingBox">;
type Row = Box & { id: string };

const kilograms = (grams: number) => `${(grams / 1000).toLocaleString("en-GB")} kg`;

const COLUMNS: Column<Row>[] = [
  { id: "code", label: "Box", sort: "code", render: (b) => <span className="mono strong">{b.code}</span> },
  { id: "node", label: "Node", sort: "node", render: (b) => b.node },
  { id: "name", label: "Name", grow: true, render: (b) => b.name },
  { id: "length_mm", label: "Inside, mm", sort: "length_mm", render: (b) => `${b.length_mm} × ${b.width_mm} × ${b.height_mm}` },
  { id: "tare_grams", label: "Weighs", align: "right", render: (b) => `${b.tare_grams.toLocaleString("en-GB")} g` },
  { id: "max_grams", label: "Carries", sort: "max_grams", align: "right", render: (b) => kilograms(b.max_grams) },
  { id: "cost_amount", label: "Costs", sort: "cost_amount", align: "right", render: (b) => <Money amount={b.cost_amount} currency={b.cost_currency} /> },
  { id: "active", label: "", render: (b) => !b.active && <Chip state="inactive" /> },
  { id: "verbs", label: "", align: "right", render: (b) => <EditBoxButton box={b} /> },
];

const FILTERS: Filter[] = [
  { field: "node", label: "Node", kind: "text", operator: "eq", hint: "Code of a node" },
  { field: "active", label: "In use", kind: "yes" },
];

function EditBoxButton({ box }: { box: Box }) {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_settings")) return null;
  return (
    <>
      <Button variant="text" aria-label={`Edit box ${box.code} of ${box.node}`} onClick={() => setOpen(true)}>
        Edit
      </Button>
      {isOpen && <PutBox box={box} close={() => setOpen(false)} />}
    </>
  );
}

function NewBoxButton() {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_settings")) return null;
  return (
    <>
      <Button variant="contained" color="primary" startIcon={<Plus size={14} />} onClick={() => setOpen(true)}>
        New box
      </Button>
      {isOpen && <PutBox close={() => setOpen(false)} />}
    </>
  );
}

export function BoxList() {
  const listing = useListing<Row>("boxes", { sort: "code" });
  return (
    <ListPage
      title="Boxes"
      about="What each node packs into. Plans take the boxes in which an order costs least, with what a carrier charges for weight and size."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      actions={<NewBoxButton />}
      before={<SearchField field="code_start" label="Code begins with" />}
      empty={<Empty title="No box fits">Without boxes nobody is told how to pack.</Empty>}
    />
  );
}
