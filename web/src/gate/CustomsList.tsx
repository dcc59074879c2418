import type { Shape } from "@/api/client";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Money } from "@/parts/Money";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { SIBLINGS } from "./gate";

type Row = Shape<"CustomsDeclaration"> & { id: string };
type Line = { title: string; quantity: number };

const contents = (lines: unknown[]) => (lines as Line[]).map((line) => `${line.quantity} × ${line.title}`).join(", ");

const COLUMNS: Column<Row>[] = [
  { id: "form", label: "Form", render: (d) => <span className="strong nowrap">{d.form}</span> },
  { id: "sent_from", label: "From", render: (d) => d.sent_from },
  { id: "sent_to", label: "To", render: (d) => d.sent_to },
  { id: "lines", label: "Contents", grow: true, render: (d) => contents(d.lines as unknown[]) },
  { id: "value", label: "Value", sort: "value", align: "right", render: (d) => <Money amount={d.value} currency={d.currency} /> },
  { id: "why", label: "Why this form", grow: true, render: (d) => <span className="quiet small">{d.why}</span> },
  { id: "made_at", label: "Told", sort: "made_at", render: (d) => <When at={d.made_at} /> },
  { id: "verbs", label: "", align: "right", render: (d) => <a className="link" href={`/api/v1/parcels/${d.parcel_id}/customs.pdf`} target="_blank" rel="noreferrer">PDF</a> },
];

const FILTERS: Filter[] = [
  { field: "sent_to", label: "To", kind: "text", operator: "eq", hint: "Country: CH" },
  { field: "form", label: "Form", kind: "choice", choices: ["CN 22", "CN 23"] },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "CN 22", filters: { form_eq: "CN 22" } },
  { label: "CN 23", filters: { form_eq: "CN 23" } },
];

/** What customs are told of parcels that cross a border. */
export function CustomsList() {
  const listing = useListing<Row>("customs-declarations", { sort: "-made_at" });
  return (
    <ListPage
      title="Customs declarations"
      about="Told when the label is bought. HS code and country of origin stand at the product; what is missing there holds the label back."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      siblings={SIBLINGS}
      empty={<Empty title="No parcel has crossed a border yet" />}
    />
  );
}
