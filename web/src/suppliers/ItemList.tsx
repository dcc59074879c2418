import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { SearchField } from "@/parts/SearchField";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { SkuLink } from "@/stock/stock";
import { ItemVerbs } from "./ItemVerbs";
import { Costs, placeText, SIBLINGS, supplierHref, SupplierLink, type Item } from "./supplier";

type Row = Item & { id: string };

export const ITEM_COLUMNS: Column<Item>[] = [
  { id: "sku", label: "SKU", sort: "sku", grow: true, render: (i) => <><SkuLink sku={i.sku} />{i.supplier_sku !== i.sku && <p className="faint small">theirs: {i.supplier_sku}</p>}</> },
  { id: "unit_cost", label: "Unit cost", sort: "unit_cost", align: "right", render: (i) => <Costs item={i} /> },
  { id: "minimum_quantity", label: "From", align: "right", render: (i) => i.minimum_quantity },
  { id: "case_pack", label: "Packs of", align: "right", render: (i) => i.case_pack },
  { id: "lead_days", label: "Quoted days", align: "right", wide: true, render: (i) => i.lead_days ?? <span className="faint" title="As the supplier's">–</span> },
  { id: "place", label: "Asked", render: (i) => (i.active ? placeText(i) : <Chip state="inactive" label="Blocked" />) },
  { id: "verbs", label: "", align: "right", render: (i) => <ItemVerbs item={i} /> },
];

const COLUMNS: Column<Row>[] = [
  { id: "supplier", label: "Supplier", sort: "supplier", render: (i) => <SupplierLink supplier={i.supplier} /> },
  ...ITEM_COLUMNS,
];

const FILTERS: Filter[] = [
  { field: "sku", label: "SKU", kind: "text", operator: "eq", hint: "exactly" },
  { field: "supplier", label: "Supplier", kind: "text", operator: "eq", hint: "Code of a supplier" },
  { field: "supplier_sku", label: "Their name", kind: "text" },
  { field: "minimum_quantity", label: "From", kind: "number" },
  { field: "case_pack", label: "Packs of", kind: "number" },
  { field: "place", label: "Asked", kind: "number" },
  { field: "sellers", label: "Sellers", kind: "number" },
  { field: "active", label: "May be ordered", kind: "yes" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "Asked first", filters: { place_eq: "1" } },
  { label: "Only one seller", filters: { sellers_eq: "1", active_eq: "true" } },
  { label: "Blocked", filters: { active_eq: "false" } },
];

export function ItemList() {
  const listing = useListing<Row>("supplier-items", { sort: "sku" });
  return (
    <ListPage
      title="What suppliers sell"
      about="Who sells which SKU to you, in which packs and at what cost, and whom a plan asks first."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      siblings={SIBLINGS}
      href={(i) => supplierHref(i.supplier)}
      before={<SearchField field="sku_start" label="SKU begins with" />}
      empty={<Empty title="Nobody sells that">Open a supplier and add the SKUs that it sells.</Empty>}
    />
  );
}
