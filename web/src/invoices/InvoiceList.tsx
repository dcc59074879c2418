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
import { invoiceHref, remaining, type Invoice } from "./invoice";
import { SIBLINGS } from "./siblings";

const COLUMNS: Column<Invoice>[] = [
  { id: "number", label: "Invoice", sort: "number", render: (i) => i.number },
  { id: "supplier", label: "Supplier", sort: "supplier", grow: true, render: (i) => <SupplierLink supplier={i.supplier} /> },
  { id: "purchase", label: "Of order", render: (i) => <Link className="link" to={`/purchases/${i.purchase_id}`}>{i.purchase}</Link> },
  { id: "status", label: "Status", sort: "status", render: (i) => <Chip state={i.status} /> },
  { id: "differences", label: "Differs", render: (i) => remaining(i).map((d) => d.sku ?? d.kind).join(", ") || null },
  { id: "billed_on", label: "Dated", wide: true, render: (i) => i.billed_on },
  { id: "due_on", label: "Due", render: (i) => i.due_on },
  { id: "created_at", label: "Entered", sort: "created_at", wide: true, render: (i) => <When at={i.created_at} /> },
  { id: "total", label: "Total", sort: "total", align: "right", render: (i) => <Money amount={i.total} currency={i.currency} /> },
];

const STATES = ["entered", "matched", "disputed", "approved", "paid", "cancelled"];
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
  { label: "To pay", filters: { status_eq: "approved" } },
];

export function InvoiceList() {
  const listing = useListing<Invoice>("supplier-invoices", { sort: "-created_at" });
  return (
    <ListPage
      title="Supplier invoices"
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      siblings={SIBLINGS}
      href={(i) => invoiceHref(i.id)}
      empty={<Empty title="No invoice fits">They are entered on the page of their purchase order.</Empty>}
    />
  );
}
