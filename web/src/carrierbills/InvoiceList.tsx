import type { Shape } from "@/api/client";
import type { Filter } from "@/parts/filters";
import { ListPage } from "@/parts/ListPage";
import { listHref } from "@/parts/links";
import { useListing } from "@/parts/listing";
import { Money } from "@/parts/Money";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { SIBLINGS } from "./bill";

type Invoice = Shape<"CarrierInvoice">;

const COLUMNS: Column<Invoice>[] = [
  { id: "number", label: "Invoice", render: (i) => <span className="strong">{i.number}</span> },
  { id: "carrier", label: "Carrier", sort: "carrier", grow: true, render: (i) => i.carrier },
  { id: "billed_on", label: "Dated", sort: "billed_on", render: (i) => i.billed_on },
  { id: "lines", label: "Lines", align: "right", render: (i) => i.lines },
  { id: "flagged", label: "Flagged", align: "right", render: (i) => i.flagged || <span className="faint">0</span> },
  { id: "total", label: "Billed", sort: "total", align: "right", render: (i) => <Money amount={i.total} currency={i.currency} /> },
  { id: "over", label: "Too much", sort: "over", align: "right", render: (i) => (i.over ? <Money amount={i.over} currency={i.currency} strong /> : <span className="faint">–</span>) },
  { id: "created_at", label: "Entered", sort: "created_at", align: "right", render: (i) => <When at={i.created_at} /> },
];

const FILTERS: Filter[] = [
  { field: "carrier", label: "Carrier", kind: "text", operator: "eq", hint: "Code of a carrier" },
  { field: "number", label: "Number", kind: "text", operator: "start" },
  { field: "billed_on", label: "Dated", kind: "date" },
];

export function InvoiceList() {
  const listing = useListing<Invoice>("carrier-invoices", { sort: "-created_at" });
  return (
    <ListPage
      title="Invoices of carriers"
      about="Each file that was brought, and what of it is too much."
      crumbs={[{ label: "Carrier invoices", to: "/carrier-invoices" }]}
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      siblings={SIBLINGS}
      href={(i) => listHref("list_carrier_charges", { carrier_eq: i.carrier, invoice_eq: i.number })}
      empty={<Empty title="No invoice fits" />}
    />
  );
}
