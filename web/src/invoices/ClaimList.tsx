import type { Filter } from "@/parts/filters";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Money } from "@/parts/Money";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { SkuLink } from "@/stock/stock";
import { SupplierLink } from "@/suppliers/supplier";
import type { Claim } from "./credit";
import { SIBLINGS } from "./siblings";

type Row = Claim & { id: string };

const COLUMNS: Column<Row>[] = [
  { id: "number", label: "Order", sort: "number", render: (c) => <span className="strong">{c.number}</span> },
  { id: "supplier", label: "Supplier", sort: "supplier", render: (c) => <SupplierLink supplier={c.supplier} /> },
  { id: "sku", label: "SKU", sort: "sku", grow: true, render: (c) => <SkuLink sku={c.sku} /> },
  { id: "billed", label: "Billed", align: "right", render: (c) => c.billed },
  { id: "kept", label: "Kept", align: "right", render: (c) => c.kept },
  { id: "given_back", label: "Given back", align: "right", render: (c) => c.given_back },
  { id: "owed_units", label: "Owed units", align: "right", render: (c) => c.owed_units },
  { id: "owed_of_price", label: "Of the price", align: "right", wide: true, render: (c) => <Money amount={c.owed_of_price} currency={c.currency} /> },
  { id: "owed", label: "Owed", align: "right", render: (c) => <Money strong amount={c.owed} currency={c.currency} /> },
];

const FILTERS: Filter[] = [
  { field: "supplier", label: "Supplier", kind: "text", operator: "eq", hint: "Code of a supplier" },
  { field: "sku", label: "SKU", kind: "text", operator: "eq", hint: "exactly" },
  { field: "number", label: "Order", kind: "text", operator: "eq", hint: "Its number" },
];

export function ClaimList() {
  const listing = useListing<Row>("supplier-claims", { sort: "-number" });
  return (
    <ListPage
      title="Owed to us"
      about="What was billed and may be paid, was not kept, and was not given back yet."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      siblings={SIBLINGS}
      href={(c) => `/purchases/${c.purchase_id}`}
      empty={<Empty title="Nothing is owed">Units that went back after they were billed, and discounts that goods were taken at, stand here until a credit note gives them back.</Empty>}
    />
  );
}
