import { useQuery } from "@tanstack/react-query";
import { CalendarCog, ShieldOff } from "lucide-react";
import { Link, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { Actions, type Verb } from "@/parts/Actions";
import { Chip } from "@/parts/Chip";
import { listHref } from "@/parts/links";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { Empty, Loaded } from "@/parts/states";
import { backTo, Neighbours } from "@/parts/walk";
import { When } from "@/parts/When";
import { MOVEMENT_COLUMNS } from "./LedgerList";
import { ageOf, daysLeft, lotHref, type StockLot } from "./lot";
import { CorrectLot, TakeLotOut } from "./LotVerbs";
import { NodeLink, SkuLink } from "./stock";

const VERBS: Record<string, Verb<StockLot>> = {
  take_out: { label: "Take out of sale", icon: ShieldOff, scope: "write_stock", dialog: TakeLotOut },
  correct: { label: "Correct the date", icon: CalendarCog, scope: "write_stock", dialog: CorrectLot },
};

export function LotDetail() {
  const { id = "" } = useParams();
  const asked = useQuery({
    queryKey: ["lots", "detail", id],
    queryFn: () => answer(api.GET("/api/v1/lots/{lot_id}", { params: { path: { lot_id: id } } })),
  });
  const crumbs = [{ label: "Lots", to: backTo("lots", "/stock/lots") }];
  return (
    <Loaded query={asked} frame={(inside) => <Page title="Lot" crumbs={crumbs}>{inside}</Page>}>
      {(lot) => (
        <Page
          title={lot.code}
          heading={<span className="mono">{lot.code}</span>}
          crumbs={crumbs}
          chips={<Age of={lot} />}
          about={
            <>
              {lot.tracking === "serial" ? "Serial number" : "Lot"} of <SkuLink sku={lot.sku} /> {lot.title} · first came <When at={lot.created_at} />
            </>
          }
          actions={
            <>
              <Neighbours resource="lots" id={lot.id} href={lotHref} />
              <Actions record={lot} next={lot.next} verbs={VERBS} />
            </>
          }
        >
          <Columns main={<><WhereItLies of={lot} /><Movements of={lot} /></>} side={<About of={lot} />} />
        </Page>
      )}
    </Loaded>
  );
}

function Age({ of: lot }: { of: StockLot }) {
  const age = ageOf(lot);
  if (age === null) return null;
  return age === "expired" ? <Chip state="expired" tone="bad" /> : <Chip state="near" tone="warn" label={`${daysLeft(lot) ?? 0} days left`} />;
}

function About({ of: lot }: { of: StockLot }) {
  return (
    <Card title="About">
      <Facts
        facts={[
          ["Last day of use", lot.expires_on ?? "not known"],
          ["In sale", lot.sellable],
          ["On hand", lot.on_hand],
          ["Corrected", lot.why],
          ["Said", lot.stated_at && <When key="stated" at={lot.stated_at} />],
        ]}
      />
    </Card>
  );
}

function WhereItLies({ of: lot }: { of: StockLot }) {
  const asked = useQuery({
    queryKey: ["bin-stock", "lot", lot.sku, lot.code],
    queryFn: () => answer(api.GET("/api/v1/stock/bins", { params: { query: { sku_eq: lot.sku, lot_eq: lot.code, sort: "node,bin", limit: 200 } } })),
  });
  return (
    <Card title="Where it lies" count={asked.data?.data.length} flush>
      <Loaded query={asked}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title="Nothing of it is left" />
          ) : (
            <Rows
              rows={data}
              keyOf={(b) => [b.node, b.bin, b.status].join("|")}
              columns={[
                { id: "node", label: "Node", render: (b) => <NodeLink node={b.node} /> },
                { id: "bin", label: "Bin", render: (b) => <span className="mono">{b.bin}</span> },
                { id: "status", label: "Status", grow: true, render: (b) => <Chip state={b.status} /> },
                { id: "quantity", label: "Units", align: "right", render: (b) => <span className="strong">{b.quantity}</span> },
              ]}
            />
          )
        }
      </Loaded>
    </Card>
  );
}

function Movements({ of: lot }: { of: StockLot }) {
  const asked = useQuery({
    queryKey: ["ledger", "lot", lot.sku, lot.code],
    queryFn: () => answer(api.GET("/api/v1/stock/ledger", { params: { query: { sku_eq: lot.sku, lot_eq: lot.code, limit: 15 } } })),
  });
  return (
    <Card title="Last movements" flush action={<Link className="link" to={listHref("list_movements", { sku_eq: lot.sku, lot_eq: lot.code })}>All of them</Link>}>
      <Loaded query={asked}>
        {({ data }) => (data.length === 0 ? <Empty title="It never moved" /> : <Rows rows={data} keyOf={(m) => String(m.id)} columns={MOVEMENT_COLUMNS} />)}
      </Loaded>
    </Card>
  );
}
