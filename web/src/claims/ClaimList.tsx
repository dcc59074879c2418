import { Link } from "react-router";
import { Chip, words } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Money } from "@/parts/Money";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { claimHref, type ClaimRow } from "./claim";

const none = <span className="faint">–</span>;

const COLUMNS: Column<ClaimRow>[] = [
  { id: "number", label: "Claim", sort: "number", render: (c) => <span className="strong">{c.number}</span> },
  { id: "order_number", label: "Order", grow: true, render: (c) => <Link className="link" to={`/orders/${c.order_id}`}>{c.order_number}</Link> },
  { id: "status", label: "Status", sort: "status", render: (c) => <Chip state={c.status} /> },
  { id: "resolution", label: "Made good by", render: (c) => words(c.resolution) },
  { id: "units", label: "Units", align: "right", render: (c) => c.units },
  { id: "photos", label: "Photos", align: "right", wide: true, render: (c) => c.photos || none },
  { id: "refund_state", label: "Refund", render: (c) => <Chip state={c.refund_state} /> },
  { id: "replacement_number", label: "Sent once more", render: (c) => (c.replacement_id ? <Link className="link" to={`/orders/${c.replacement_id}`}>{c.replacement_number}</Link> : none) },
  { id: "credit", label: "Worth", sort: "credit", align: "right", render: (c) => (c.credit ? <Money amount={c.credit} currency={c.currency} /> : none) },
  { id: "created_at", label: "Opened", sort: "created_at", render: (c) => <When at={c.created_at} /> },
];

const FILTERS: Filter[] = [
  { field: "status", label: "Status", kind: "choice", choices: ["open", "approved", "resolved", "denied", "cancelled"] },
  { field: "resolution", label: "Made good by", kind: "choice", choices: ["refund", "replacement", "both"] },
  { field: "order_number", label: "Order", kind: "text", operator: "eq", hint: "Number of the order" },
  { field: "created_at", label: "Opened", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "To decide", filters: { status_eq: "open" } },
  { label: "On their way", filters: { status_eq: "approved" } },
  { label: "Refund to look at", filters: { refund_state_in: "failed,short" } },
];

export function ClaimList() {
  const listing = useListing<ClaimRow>("claims", { sort: "-created_at" });
  return (
    <ListPage
      title="Claims"
      about="What came damaged, not whole, wrong or not at all. Nothing has to come back."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      href={(c) => claimHref(c.id)}
      empty={<Empty title="No claim fits">They begin on the page of their order.</Empty>}
    />
  );
}
