import { Link } from "react-router";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Money } from "@/parts/Money";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { exchangeHref, type ExchangeRow } from "./exchange";

const none = <span className="faint">–</span>;

const COLUMNS: Column<ExchangeRow>[] = [
  { id: "number", label: "Exchange", sort: "number", render: (x) => <span className="strong">{x.number}</span> },
  { id: "order_number", label: "Order", render: (x) => <Link className="link" to={`/orders/${x.order_id}`}>{x.order_number}</Link> },
  { id: "status", label: "Status", sort: "status", render: (x) => <Chip state={x.status} /> },
  { id: "return_status", label: "Comes back", wide: true, render: (x) => <Chip state={x.return_status} /> },
  { id: "replacement_number", label: "Goes out", render: (x) => (x.replacement_id ? <Link className="link" to={`/orders/${x.replacement_id}`}>{x.replacement_number}</Link> : none) },
  { id: "problem", label: "To see to", grow: true, render: (x) => (x.problem ? <span className="minus">{x.problem}</span> : none) },
  { id: "balance", label: "Balance", align: "right", render: (x) => <Money amount={x.balance} currency={x.currency} /> },
  { id: "owed", label: "Still owed", align: "right", render: (x) => (x.owed ? <Money amount={x.owed} currency={x.currency} strong /> : none) },
  { id: "created_at", label: "Asked for", sort: "created_at", render: (x) => <When at={x.created_at} /> },
];

const FILTERS: Filter[] = [
  { field: "status", label: "Status", kind: "choice", choices: ["requested", "approved", "received", "fulfilled", "cancelled"] },
  { field: "order_number", label: "Order", kind: "text", operator: "eq", hint: "Number of the order" },
  { field: "created_at", label: "Asked for", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "To decide", filters: { status_eq: "requested" } },
  { label: "On their way", filters: { status_in: "approved,received" } },
  { label: "To see to", filters: { problem_null: "false", status_in: "approved,received" } },
  { label: "Still owed", filters: { owed_gt: "0" } },
];

export function ExchangeList() {
  const listing = useListing<ExchangeRow>("exchanges", { sort: "-created_at" });
  return (
    <ListPage
      title="Exchanges"
      about="What comes back and what goes out in its place, with the difference settled or open."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      href={(x) => exchangeHref(x.id)}
      empty={<Empty title="No exchange fits">They begin on the page of their order.</Empty>}
    />
  );
}
