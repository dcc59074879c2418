import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { answer, api } from "@/api/client";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Money } from "@/parts/Money";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { Ago } from "@/parts/When";
import { Ages } from "./Ages";
import { ACTIONS, exceptionHref, KINDS, SIBLINGS, toneOf, type Trouble } from "./exception";

const COLUMNS: Column<Trouble>[] = [
  { id: "number", label: "Exception", render: (t) => <span className="strong">{t.number}</span> },
  { id: "kind", label: "Trouble", sort: "kind", render: (t) => <Chip state={t.kind} tone={toneOf(t.kind)} label={KINDS[t.kind]} /> },
  { id: "order_number", label: "Order", render: (t) => <Link className="link" to={`/orders/${t.order_id}`}>{t.order_number}</Link> },
  { id: "why", label: "Why", grow: true, wide: true, render: (t) => t.why },
  { id: "carrier", label: "Carrier", sort: "carrier", render: (t) => t.carrier },
  { id: "status", label: "Status", sort: "status", render: (t) => <Chip state={t.status} /> },
  { id: "proposed", label: "Proposed", render: (t) => (t.proposed ? ACTIONS[t.proposed] : <span className="faint">–</span>) },
  { id: "assigned_to", label: "Owner", extra: true, render: (t) => t.assigned_to ?? <span className="faint">Nobody</span> },
  { id: "goods_value", label: "Goods", sort: "goods_value", align: "right", render: (t) => <Money amount={t.goods_value} currency={t.currency} /> },
  { id: "opened_at", label: "Since", sort: "opened_at", render: (t) => <Ago at={t.opened_at} /> },
  { id: "due_at", label: "Due", sort: "due_at", align: "right", render: (t) => (t.status === "resolved" ? <span className="faint">–</span> : <Ago at={t.due_at} />) },
];

const FILTERS: Filter[] = [
  { field: "kind", label: "Trouble", kind: "choice", choices: Object.keys(KINDS), names: KINDS },
  { field: "status", label: "Status", kind: "choice", choices: ["open", "taken", "waiting", "acting", "resolved"] },
  { field: "cause", label: "Caused by", kind: "choice", choices: ["carrier", "retailer", "consignee", "customs", "weather", "other"] },
  { field: "proposed", label: "Proposed", kind: "choice", choices: Object.keys(ACTIONS), names: ACTIONS },
  { field: "carrier", label: "Carrier", kind: "text", operator: "eq", hint: "Code of a carrier" },
  { field: "order_number", label: "Order", kind: "text", operator: "eq", hint: "Number of the order" },
  { field: "due_at", label: "Due", kind: "date" },
  { field: "opened_at", label: "Since", kind: "date" },
];

const LIVE = ["open", "taken", "waiting", "acting"] as const;
const QUICK: QuickView[] = [
  { label: "To look at", filters: { status_in: "open,taken" } },
  { label: "Nobody's", filters: { status_eq: "open" } },
  { label: "Waiting", filters: { status_in: "waiting,acting" } },
  { label: "Resolved", filters: { status_eq: "resolved" } },
  { label: "All", filters: {} },
];

export function ExceptionList() {
  const listing = useListing<Trouble>("parcel-exceptions", { sort: "due_at" });
  const live = useQuery({
    queryKey: ["parcel-exceptions", "ages"],
    queryFn: () => answer(api.GET("/api/v1/parcel-exceptions", { params: { query: { status_in: [...LIVE], sort: "opened_at", limit: 200, count: "exact" } } })),
  });
  return (
    <ListPage
      title="Parcel exceptions"
      about="Parcels in trouble: what is wrong, what is cheapest, and who looks after it. What is due first stands on top."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      siblings={SIBLINGS}
      href={(t) => exceptionHref(t.id)}
      before={live.data && live.data.data.length > 0 ? <Ages of={live.data.data} total={live.data.page.total ?? live.data.data.length} /> : undefined}
      empty={<Empty title="No parcel is in trouble here">They come by themselves: when a carrier says so, when nobody scans a parcel, or when its day is over.</Empty>}
    />
  );
}
