import { Link } from "react-router";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Money } from "@/parts/Money";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { claimHref, KINDS, SIBLINGS, toneOf, type Claim } from "./exception";

const COLUMNS: Column<Claim>[] = [
  { id: "number", label: "Claim", render: (c) => <span className="strong">{c.number}</span> },
  { id: "carrier", label: "Carrier", sort: "carrier", render: (c) => c.carrier },
  { id: "kind", label: "For", render: (c) => <Chip state={c.kind} tone={toneOf(c.kind)} label={KINDS[c.kind]} /> },
  { id: "order_number", label: "Order", grow: true, render: (c) => <Link className="link" to={`/orders/${c.order_id}`}>{c.order_number}</Link> },
  { id: "status", label: "Status", sort: "status", render: (c) => <Chip state={c.status} /> },
  { id: "amount", label: "Claimed", sort: "amount", align: "right", render: (c) => <Money amount={c.amount} currency={c.currency} /> },
  { id: "paid", label: "Paid", align: "right", render: (c) => (c.paid ? <Money amount={c.paid} currency={c.currency} /> : <span className="faint">–</span>) },
  { id: "file_by", label: "File by", sort: "file_by", render: (c) => c.file_by },
  { id: "created_at", label: "Drafted", sort: "created_at", align: "right", render: (c) => <When at={c.created_at} /> },
];

const FILTERS: Filter[] = [
  { field: "status", label: "Status", kind: "choice", choices: ["draft", "filed", "accepted", "rejected", "paid", "written_off"] },
  { field: "kind", label: "For", kind: "choice", choices: Object.keys(KINDS), names: KINDS },
  { field: "carrier", label: "Carrier", kind: "text", operator: "eq", hint: "Code of a carrier" },
  { field: "created_at", label: "Drafted", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "To file", filters: { status_in: "draft,rejected" } },
  { label: "With the carrier", filters: { status_eq: "filed" } },
  { label: "To be paid", filters: { status_eq: "accepted" } },
];

export function ClaimList() {
  const listing = useListing<Claim>("carrier-claims", { sort: "-created_at" });
  return (
    <ListPage
      title="Claims to carriers"
      about="What carriers are asked to pay for parcels that were lost or damaged."
      crumbs={[{ label: "Parcel exceptions", to: "/exceptions" }]}
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      siblings={SIBLINGS}
      href={(c) => claimHref(c.id)}
      empty={<Empty title="No claim fits">They begin at a parcel's exception.</Empty>}
    />
  );
}
