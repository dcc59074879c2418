import type { Shape } from "@/api/client";
import { Rows } from "@/parts/Rows";
import type { Column } from "@/parts/Table";
import { PromisedDay } from "./backorder";

type Supply = Shape<"ComingSupply">;

const COLUMNS: Column<Supply>[] = [
  { id: "source", label: "With", grow: true, render: (s) => s.source },
  { id: "promised_on", label: "Comes by", render: (s) => <PromisedDay of={s} /> },
  { id: "units", label: "Units", align: "right", render: (s) => <span className="strong">{s.units}</span> },
];

/** Deliveries on their way, and the day by which each has come. */
export function Coming({ supplies }: { supplies: Supply[] }) {
  return <Rows rows={supplies} columns={COLUMNS} keyOf={(s) => `${s.sku}|${s.source}`} />;
}
