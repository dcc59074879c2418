import Button from "@mui/material/Button";
import { Pencil, Plus, Trash2 } from "lucide-react";
import { useNotify } from "ra-core";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Actions, type Verb, type VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { words } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { useCan } from "@/parts/scopes";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { SKU } from "@/stock/stock";
import { useSiblings } from "./inspection";
import { whosePath } from "./plan";
import { EditPlan, PutPlan } from "./PutPlan";

type Row = Shape<"InspectionPlan"> & { id: string };

function RemovePlan({ record: plan, close }: VerbProps<Row>) {
  const notify = useNotify();
  const remove = useWrite(
    (_: object, once) => answer(api.DELETE("/api/v1/inspection-plans/{supplier}/{sku}", { params: { path: whosePath(plan.supplier, plan.sku) }, ...once })),
    { touches: ["inspection-plans"], done: () => notify("The plan is removed.") },
  );
  return (
    <Ask<object, object>
      title="Remove the plan"
      about="Goods that come are kept by the next wider plan, if there is one. Inspections that are open keep what it said."
      verb="Remove it"
      tone="error"
      values={{}}
      input={() => ({})}
      write={remove}
      close={close}
    />
  );
}

const VERBS: Record<string, Verb<Row>> = {
  edit: { label: "Edit", icon: Pencil, scope: "write_purchasing", dialog: ({ record, close }: VerbProps<Row>) => <EditPlan of={record} close={close} /> },
  remove: { label: "Remove", icon: Trash2, scope: "write_purchasing", dialog: RemovePlan },
};

const whose = (code: string) => (code ? <span className="mono strong">{code}</span> : <span className="quiet">any</span>);

const COLUMNS: Column<Row>[] = [
  { id: "supplier", label: "Supplier", sort: "supplier", render: (p) => whose(p.supplier) },
  { id: "sku", label: "SKU", sort: "sku", render: (p) => whose(p.sku) },
  { id: "method", label: "Looked at", grow: true, render: (p) => words(p.method) },
  { id: "level", label: "Level", render: (p) => p.method === "sample" && p.level },
  { id: "aql", label: "AQL", align: "right", render: (p) => p.method === "sample" && p.aql },
  { id: "reduced", label: "May be reduced", render: (p) => p.method === "sample" && (p.reduced ? "yes" : "no") },
  { id: "updated_at", label: "Changed", sort: "updated_at", render: (p) => <When at={p.updated_at} /> },
  { id: "verbs", label: "", align: "right", render: (p) => <Actions record={p} next={["edit", "remove"]} verbs={VERBS} shown={0} /> },
];

const FILTERS: Filter[] = [
  { field: "method", label: "Looked at", kind: "choice", choices: ["sample", "every_unit", "nothing"] },
  { field: "supplier", label: "Supplier", kind: "text", operator: "eq", hint: "Code of a supplier" },
  SKU,
];

function NewPlanButton() {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_purchasing")) return null;
  return (
    <>
      <Button variant="contained" color="primary" startIcon={<Plus size={14} />} onClick={() => setOpen(true)}>
        New plan
      </Button>
      {isOpen && <PutPlan close={() => setOpen(false)} />}
    </>
  );
}

export function PlanList() {
  const listing = useListing<Row>("inspection-plans", { sort: "supplier" });
  return (
    <ListPage
      title="Inspection plans"
      about="How goods are looked at before they may be sold. The narrowest counts: of supplier and SKU, of the SKU, of the supplier, of everything."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      siblings={useSiblings()}
      actions={<NewPlanButton />}
      empty={<Empty title="No plan fits">Without a plan goods can be sold as soon as they are received as good.</Empty>}
    />
  );
}
