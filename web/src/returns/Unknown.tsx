import { useQuery } from "@tanstack/react-query";
import { CircleSlash, Link2 } from "lucide-react";
import { Link, useParams } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Actions, type Verb, type VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { AskReason } from "@/parts/AskReason";
import { Chip } from "@/parts/Chip";
import { SelectIn, TextIn } from "@/parts/fields";
import type { Filter } from "@/parts/filters";
import { History } from "@/parts/History";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { useSeen } from "@/parts/seen";
import { Empty, Loaded } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { NodeLink, SKU, SkuLink } from "@/stock/stock";
import { Photos } from "./Photos";
import { GRADES, REASONS, returnHref, TOUCHES, type Reason } from "./return";
import { titleOf } from "./ReturnDetail";

type Row = Shape<"UnknownParcel">;
type Whole = Shape<"UnknownParcelDetail">;
const href = (id: string) => `/returns/unknown/${id}`;
const TOUCHED = [...TOUCHES.filter((one) => one !== "home"), "unknown-parcels" as const];
const path = (p: Whole) => ({ params: { path: { parcel_id: p.id } } });

const COLUMNS: Column<Row>[] = [
  { id: "number", label: "Parcel", sort: "number", render: (p) => <span className="strong">{p.number}</span> },
  { id: "scanned", label: "Read off it", grow: true, render: (p) => p.scanned ?? <span className="faint">–</span> },
  { id: "status", label: "Status", sort: "status", render: (p) => <Chip state={p.status} /> },
  { id: "node", label: "At", render: (p) => <NodeLink node={p.node} /> },
  { id: "units", label: "Units", align: "right", render: (p) => p.units },
  { id: "created_at", label: "Found", sort: "created_at", render: (p) => <When at={p.created_at} /> },
];
const FILTERS: Filter[] = [
  { field: "status", label: "Status", kind: "choice", choices: ["waiting", "matched", "closed"] },
  { field: "node", label: "At", kind: "text", operator: "eq", hint: "Code of the node" },
  SKU,
  { field: "created_at", label: "Found", kind: "date" },
];
const QUICK: QuickView[] = [
  { label: "Waiting", filters: { status_eq: "waiting" } },
  { label: "All", filters: {} },
];

/** Parcels that came back without saying whose they are. */
export function UnknownList() {
  const listing = useListing<Row>("unknown-parcels", { sort: "-created_at" });
  return (
    <ListPage
      title="Unknown parcels"
      about="They came back and say nothing of whose they are. What is in them is in stock once they are matched with an order."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      href={(p) => href(p.id)}
      empty={<Empty title="No parcel fits">They are found where returns are received.</Empty>}
    />
  );
}

const VERBS: Record<string, Verb<Whole>> = {
  match: { label: "Match with its order", icon: Link2, tone: "primary", scope: "write_stock", dialog: Match },
  close: { label: "Close", icon: CircleSlash, scope: "write_stock", dialog: CloseParcel },
};

export function UnknownDetail() {
  const { id = "" } = useParams();
  const asked = useQuery({
    queryKey: ["unknown-parcels", "detail", id],
    queryFn: () => answer(api.GET("/api/v1/unknown-parcels/{parcel_id}", { params: { path: { parcel_id: id } } })),
  });
  const photos = useQuery({
    queryKey: ["unknown-parcels", "photos", id],
    queryFn: () => answer(api.GET("/api/v1/unknown-parcels/{parcel_id}/photos", { params: { path: { parcel_id: id } } })),
  });
  const crumbs = [{ label: "Returns", to: "/returns" }, { label: "Unknown parcels", to: "/returns/unknown" }];
  return (
    <Loaded query={asked} frame={(inside) => <Page title="Parcel" crumbs={crumbs}>{inside}</Page>}>
      {(p) => (
        <Page title={p.number} crumbs={crumbs} chips={<Chip state={p.status} />} about={<>Found <When at={p.created_at} /> at <NodeLink node={p.node} /></>} actions={<Actions record={p} next={p.next} verbs={VERBS} />}>
          <Columns
            main={
              <>
                <Card title="What is in it" count={p.items.length} flush>
                  {p.items.length === 0 ? <Empty title="Nothing was counted">It was kept without its units.</Empty> : (
                    <Rows
                      rows={p.items}
                      keyOf={(item) => String(item.no)}
                      columns={[
                        { id: "sku", label: "SKU", grow: true, render: (item) => <><SkuLink sku={item.sku} />{item.note && <p className="faint small">{item.note}</p>}</> },
                        { id: "quantity", label: "Units", align: "right", render: (item) => item.quantity },
                        { id: "grade", label: "Grade", render: (item) => <Chip state={item.grade} label={GRADES[item.grade as keyof typeof GRADES]} /> },
                        { id: "lot", label: "Lot or serial", render: (item) => item.lot || <span className="faint">–</span> },
                      ]}
                    />
                  )}
                </Card>
                <Photos of={photos.data?.data ?? []} />
              </>
            }
            side={
              <>
                <Card title="About">
                  <Facts facts={[["Read off it", p.scanned], ["Return", p.return_id && <Link key="return" className="link" to={returnHref(p.return_id)}>Its return</Link>], ["Note", p.note]]} />
                </Card>
                <Card title="History">
                  <History entries={p.history.map((h) => ({ at: h.at, actor: h.actor, why: h.why, title: titleOf(h) }))} />
                </Card>
              </>
            }
          />
        </Page>
      )}
    </Loaded>
  );
}

function Match({ record: p, close }: VerbProps<Whole>) {
  const seen = useSeen(p.version);
  const match = useWrite(
    (body: Shape<"ParcelMatch">, once) => answer(api.POST("/api/v1/unknown-parcels/{parcel_id}/match", { ...path(p), body, ...once })),
    { touches: TOUCHED },
  );
  return (
    <Ask<{ order: string; reason: Reason }, Shape<"ParcelMatch">>
      title={`Match ${p.number}`}
      about="Its units come in on the returns of the order, as they were graded. The money follows the policy of the purchase."
      verb="Match it"
      values={{ order: "", reason: "other" }}
      input={({ order, reason }) => ({ order: order.trim(), reason, version: seen.version })}
      write={match}
      close={close}
      seen={seen}
      what="parcel"
    >
      <TextIn name="order" label="Number of the order" required autoFocus />
      <SelectIn name="reason" label="Why it came back" choices={Object.entries(REASONS).map(([value, label]) => ({ value, label }))} />
    </Ask>
  );
}

function CloseParcel({ record: p, close }: VerbProps<Whole>) {
  return (
    <AskReason
      title={`Close ${p.number}`}
      about="It is not ours, or went away again. Nothing of it comes into stock."
      verb="Close it"
      of={p}
      what="parcel"
      write={(body, once) => answer(api.POST("/api/v1/unknown-parcels/{parcel_id}/close", { ...path(p), body, ...once }))}
      touches={TOUCHED}
      close={close}
    />
  );
}
