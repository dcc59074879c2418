import { Pencil } from "lucide-react";
import { Actions, type Verb, type VerbProps } from "@/parts/Actions";
import type { Filter } from "@/parts/filters";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Money } from "@/parts/Money";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { percentOf } from "@/parts/percent";
import { When } from "@/parts/When";
import { SupplierLink } from "@/suppliers/supplier";
import { PutTolerance, ToleranceButton, type Tolerance } from "./PutTolerance";
import { SIBLINGS } from "./siblings";

type Row = Tolerance & { id: string };

const VERBS: Record<string, Verb<Row>> = {
  edit: { label: "Edit", icon: Pencil, scope: "write_settings", dialog: ({ record, close }: VerbProps<Row>) => <PutTolerance tolerance={record} close={close} /> },
};

const COLUMNS: Column<Row>[] = [
  { id: "supplier", label: "Of", sort: "supplier", grow: true, render: (t) => (t.supplier ? <SupplierLink supplier={t.supplier} /> : <span className="strong">All others</span>) },
  { id: "currency", label: "In", sort: "currency", render: (t) => t.currency },
  { id: "price_ppm", label: "Of the price", align: "right", render: (t) => `${percentOf(t.price_ppm)} %` },
  { id: "amount", label: "Or in all", align: "right", render: (t) => <Money amount={t.amount} currency={t.currency} /> },
  { id: "units", label: "Units", align: "right", render: (t) => t.units },
  { id: "updated_at", label: "Changed", wide: true, render: (t) => <When at={t.updated_at} /> },
  { id: "verbs", label: "", align: "right", render: (t) => <Actions record={t} next={["edit"]} verbs={VERBS} shown={0} /> },
];

const FILTERS: Filter[] = [
  { field: "supplier", label: "Supplier", kind: "text", operator: "eq", hint: "Code of a supplier" },
  { field: "currency", label: "In", kind: "text", operator: "eq", hint: "Code such as EUR" },
];

export function ToleranceList() {
  const listing = useListing<Row>("match-tolerances", { sort: "supplier" });
  return (
    <ListPage
      title="Tolerances"
      about="How far invoices may differ from what was ordered and has come without anybody being asked. A supplier's own counts before that of all others."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      siblings={SIBLINGS}
      actions={<ToleranceButton />}
      empty={<Empty title="No tolerance fits">Every difference that is not in our favour waits for somebody.</Empty>}
    />
  );
}
