import { Chip } from "@/parts/Chip";
import { Count } from "@/parts/Count";
import type { Filter } from "@/parts/filters";
import { listHref } from "@/parts/links";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Money } from "@/parts/Money";
import { SearchField } from "@/parts/SearchField";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { NewSupplierButton } from "./PutSupplier";
import { OPEN, orderDays, SIBLINGS, supplierHref, type Supplier } from "./supplier";

type Row = Supplier & { id: string };

const COLUMNS: Column<Row>[] = [
  { id: "code", label: "Supplier", sort: "code", render: (s) => <span className="mono strong">{s.code}</span> },
  { id: "name", label: "Name", sort: "name", grow: true, render: (s) => s.name },
  { id: "skus", label: "Sells", align: "right", render: (s) => <Count value={s.skus} label={`SKUs of ${s.code}`} to={listHref("list_supplier_items", { supplier_eq: s.code, active_eq: true })} /> },
  { id: "open_orders", label: "Open orders", align: "right", render: (s) => <Count value={s.open_orders} label={`open orders with ${s.code}`} to={listHref("list_purchase_orders", { supplier_eq: s.code, status_in: [...OPEN] })} /> },
  { id: "lead_days", label: "Quoted days", align: "right", render: (s) => s.lead_days },
  { id: "order_weekdays", label: "Takes orders", wide: true, render: (s) => orderDays(s.order_weekdays as number[]) },
  { id: "minimum_order", label: "Minimum order", wide: true, align: "right", render: (s) => (s.minimum_order ? <Money amount={s.minimum_order} currency={s.currency} /> : <span className="faint">none</span>) },
  { id: "currency", label: "Currency", extra: true, render: (s) => s.currency },
  { id: "email", label: "E-mail", extra: true, render: (s) => s.email },
  { id: "rank", label: "Rank", sort: "rank", align: "right", render: (s) => s.rank },
  { id: "active", label: "", render: (s) => (s.active ? null : <Chip state="inactive" label="Switched off" />) },
];

const FILTERS: Filter[] = [
  { field: "name", label: "Name", kind: "text" },
  { field: "currency", label: "Currency", kind: "text", operator: "eq", hint: "EUR" },
  { field: "lead_days", label: "Quoted days", kind: "number" },
  { field: "open_orders", label: "Open orders", kind: "number" },
  { field: "skus", label: "Sells", kind: "number" },
  { field: "active", label: "Buys from it", kind: "yes" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "With open orders", filters: { open_orders_gt: "0" } },
  { label: "Switched off", filters: { active_eq: "false" } },
];

export function SupplierList() {
  const listing = useListing<Row>("suppliers", { sort: "rank" });
  return (
    <ListPage
      title="Suppliers"
      about="Whom you buy from. Of several who sell the same SKU, the one with the lowest rank is asked first."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      siblings={SIBLINGS}
      href={(s) => supplierHref(s.code)}
      actions={<NewSupplierButton />}
      before={<SearchField field="code_start" label="Code begins with" />}
      empty={<Empty title="No supplier fits">Take a filter away, or add the first one and say what it sells.</Empty>}
    />
  );
}
