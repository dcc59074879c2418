import { Chip } from "@/parts/Chip";
import { Count } from "@/parts/Count";
import type { Filter } from "@/parts/filters";
import { listHref } from "@/parts/links";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { SearchField } from "@/parts/SearchField";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { ageOf, lotHref, type StockLot } from "./lot";
import { NODE, SIBLINGS, SKU, SkuLink } from "./stock";

/** The last day of use, and how near it is. */
export function Expiry({ lot }: { lot: StockLot }) {
  const age = ageOf(lot);
  if (lot.expires_on === null) return <span className="faint">not known</span>;
  return (
    <span className="row">
      {lot.expires_on} {age && <Chip state={age} label={age === "near" ? "soon" : "expired"} tone={age === "near" ? "warn" : "bad"} />}
    </span>
  );
}

const COLUMNS: Column<StockLot>[] = [
  { id: "code", label: "Lot", sort: "code", render: (l) => <span className="mono strong">{l.code}</span> },
  { id: "sku", label: "SKU", sort: "sku", render: (l) => <SkuLink sku={l.sku} /> },
  { id: "title", label: "Product", grow: true, render: (l) => l.title },
  { id: "tracking", label: "Is a", extra: true, render: (l) => (l.tracking === "serial" ? "serial number" : "lot") },
  { id: "expires_on", label: "Last day of use", sort: "expires_on", render: (l) => <Expiry lot={l} /> },
  {
    id: "sellable", label: "In sale", align: "right",
    render: (l) => <Count value={l.sellable} label="in sale: bins" to={listHref("list_bin_stock", { sku_eq: l.sku, lot_eq: l.code, status_eq: "sellable" })} />,
  },
  {
    id: "on_hand", label: "On hand", align: "right",
    render: (l) => <Count value={l.on_hand} label="on hand: bins" to={listHref("list_bin_stock", { sku_eq: l.sku, lot_eq: l.code })} />,
  },
  { id: "why", label: "Corrected", wide: true, render: (l) => <span className="quiet">{l.why}</span> },
  { id: "created_at", label: "First came", sort: "created_at", render: (l) => <When at={l.created_at} /> },
];

const FILTERS: Filter[] = [
  SKU,
  { field: "code", label: "Lot", kind: "text", operator: "eq", hint: "Lot or serial number, exactly" },
  { ...NODE, label: "Lies at" },
  { field: "bin", label: "Lies in bin", kind: "text", operator: "eq", hint: "exactly" },
  { field: "expires_at", label: "Last day is over", kind: "date" },
  { field: "sellable", label: "In sale", kind: "number" },
  { field: "on_hand", label: "On hand", kind: "number" },
  { field: "tracking", label: "Is a", kind: "choice", choices: ["lot", "serial"], names: { serial: "serial number" } },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "In stock", filters: { on_hand_gt: "0" } },
  { label: "Expire in 30 days", filters: { on_hand_gt: "0", expires_at_gt: "now", expires_at_lteq: "now+30d" } },
  { label: "Expired", filters: { on_hand_gt: "0", expires_at_lteq: "now" } },
  { label: "Expired and in sale", filters: { sellable_gt: "0", expires_at_lteq: "now" } },
  { label: "No date", filters: { on_hand_gt: "0", expires_at_null: "true" } },
];

export function LotList() {
  const listing = useListing<StockLot>("lots", { sort: "expires_on" });
  return (
    <ListPage
      title="Lots"
      about="Lots and serial numbers with their last day of use. The first to expire is picked first; on the day after its last a lot leaves sale by itself, but for what was promised to orders."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      siblings={SIBLINGS}
      href={(lot) => lotHref(lot.id)}
      before={<SearchField field="code_start" label="Lot begins with" />}
      empty={<Empty title="No lot fits">They are known from the first receipt of a product that is tracked by lot or serial number.</Empty>}
    />
  );
}
