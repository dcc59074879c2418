import { Link } from "react-router";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Money } from "@/parts/Money";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { SupplierLink } from "@/suppliers/supplier";
import { creditHref, creditRemaining, type Credit } from "./credit";
import { SIBLINGS } from "./siblings";

const COLUMNS: Column<Credit>[] = [
  { id: "number", label: "Credit note", sort: "number", render: (c) => c.number },
  { id: "supplier", label: "Supplier", sort: "supplier", grow: true, render: (c) => <SupplierLink supplier={c.supplier} /> },
  { id: "purchase", label: "Of order", render: (c) => <Link className="link" to={`/purchases/${c.purchase_id}`}>{c.purchase}</Link> },
  { id: "invoice", label: "Of invoice", wide: true, render: (c) => c.invoice },
  { id: "status", label: "Status", sort: "status", render: (c) => <Chip state={c.status} /> },
  { id: "differences", label: "Differs", render: (c) => creditRemaining(c).map((d) => d.sku ?? d.kind).join(", ") || null },
  { id: "credited_on", label: "Dated", wide: true, render: (c) => c.credited_on },
  { id: "created_at", label: "Entered", sort: "created_at", wide: true, render: (c) => <When at={c.created_at} /> },
  { id: "total", label: "Total", sort: "total", align: "right", render: (c) => <Money amount={c.total} currency={c.currency} /> },
];

const STATES = ["entered", "matched", "disputed", "approved", "settled", "cancelled"];
const FILTERS: Filter[] = [
  { field: "status", label: "Status", kind: "choice", choices: STATES },
  { field: "supplier", label: "Supplier", kind: "text", operator: "eq", hint: "Code of a supplier" },
  { field: "number", label: "Number", kind: "text", operator: "eq", hint: "As the supplier wrote it" },
  { field: "created_at", label: "Entered", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "Differ", filters: { status_eq: "entered" } },
  { label: "To approve", filters: { status_eq: "matched" } },
  { label: "Disputed", filters: { status_eq: "disputed" } },
  { label: "To settle", filters: { status_eq: "approved" } },
];

export function CreditList() {
  const listing = useListing<Credit>("supplier-credits", { sort: "-created_at" });
  return (
    <ListPage
      title="Credit notes"
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      siblings={SIBLINGS}
      href={(c) => creditHref(c.id)}
      empty={<Empty title="No credit note fits">They are entered on the page of their purchase order.</Empty>}
    />
  );
}
