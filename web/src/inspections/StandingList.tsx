import { RotateCcw } from "lucide-react";
import { useNotify } from "ra-core";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Actions, type Verb, type VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { Chip } from "@/parts/Chip";
import { TextIn } from "@/parts/fields";
import type { Filter } from "@/parts/filters";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { SKU, SkuLink } from "@/stock/stock";
import { SupplierLink } from "@/suppliers/supplier";
import { useSiblings } from "./inspection";

type Row = Shape<"SupplierStanding"> & { id: string };

function Restart({ record: standing, close }: VerbProps<Row>) {
  const notify = useNotify();
  const restart = useWrite(
    (body: Shape<"RestartBody">, once) =>
      answer(
        api.POST("/api/v1/supplier-standings/{supplier}/{sku}/restart", { params: { path: { supplier: standing.supplier, sku: standing.sku } }, body, ...once }),
      ),
    { touches: ["supplier-standings"], done: () => notify(`${standing.sku} of ${standing.supplier} is sampled again, under tightened inspection.`) },
  );
  return (
    <Ask<{ reason: string }, Shape<"RestartBody">>
      title="Sample again"
      about="Under tightened inspection, once the supplier has mended what was wrong."
      verb="Sample again"
      values={{ reason: "" }}
      input={({ reason }) => ({ reason })}
      write={restart}
      close={close}
    >
      <TextIn name="reason" label="What was mended" required autoFocus />
    </Ask>
  );
}

const VERBS: Record<string, Verb<Row>> = {
  restart: { label: "Sample again", icon: RotateCcw, scope: "write_purchasing", dialog: Restart },
};

const COLUMNS: Column<Row>[] = [
  { id: "supplier", label: "Supplier", sort: "supplier", render: (s) => <SupplierLink supplier={s.supplier} /> },
  { id: "sku", label: "SKU", sort: "sku", render: (s) => <SkuLink sku={s.sku} /> },
  { id: "severity", label: "Sampling", sort: "severity", render: (s) => <Chip state={s.severity} tone={s.severity === "discontinued" ? "bad" : undefined} /> },
  { id: "lots", label: "Lots", align: "right", render: (s) => s.lots },
  { id: "score", label: "Score", align: "right", render: (s) => s.score },
  { id: "failed", label: "Failed", align: "right", render: (s) => s.failed },
  { id: "why", label: "Why", grow: true, render: (s) => <span className="quiet">{s.why}</span> },
  { id: "since", label: "Since", sort: "since", render: (s) => <When at={s.since} /> },
  { id: "verbs", label: "", align: "right", render: (s) => <Actions record={s} next={s.severity === "discontinued" ? ["restart"] : []} verbs={VERBS} /> },
];

const FILTERS: Filter[] = [
  { field: "severity", label: "Sampling", kind: "text", operator: "eq", hint: "normal, tightened, reduced, discontinued" },
  { field: "supplier", label: "Supplier", kind: "text", operator: "eq", hint: "Code of a supplier" },
  SKU,
];

export function StandingList() {
  const listing = useListing<Row>("supplier-standings", { sort: "supplier" });
  return (
    <ListPage
      title="Suppliers' standings"
      about="How severely lots of a supplier's SKU are sampled at present. It follows from its lots by the standard's switching rules."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      siblings={useSiblings()}
      empty={<Empty title="No standing fits">A supplier has one for each SKU of which a sample was judged.</Empty>}
    />
  );
}
