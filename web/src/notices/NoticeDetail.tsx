import { useQuery } from "@tanstack/react-query";
import { Ban, CalendarClock, CircleSlash, MapPinCheck, PackageCheck, Truck } from "lucide-react";
import { Link, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { calendarHref } from "@/docks/calendar";
import { Actions, type Verb } from "@/parts/Actions";
import { Chip, words } from "@/parts/Chip";
import { History } from "@/parts/History";
import { listHref } from "@/parts/links";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { Loaded } from "@/parts/states";
import { backTo, Neighbours } from "@/parts/walk";
import { When } from "@/parts/When";
import { NodeLink, SkuLink } from "@/stock/stock";
import { SupplierLink } from "@/suppliers/supplier";
import { noticeHref, RESTS_ON, type WholeNotice } from "./notice";
import { Arrive, CancelIt, CloseIt, Postpone, Ship } from "./Steps";

/** To the dock, with the first of its orders of which something is to come. */
function receiveHref(n: WholeNotice): string {
  const line = n.lines.find((l) => l.short > 0) ?? n.lines[0];
  return `/receive?order=${line?.purchase_id ?? ""}&notice=${n.id}`;
}

const VERBS: Record<string, Verb<WholeNotice>> = {
  arrive: { label: "It is here", icon: MapPinCheck, tone: "primary", scope: "write_stock", dialog: Arrive },
  receive: { label: "Receive", icon: PackageCheck, scope: "write_stock", to: receiveHref },
  ship: { label: "Handed over", icon: Truck, scope: "write_purchasing", dialog: Ship },
  postpone: { label: "Another date", icon: CalendarClock, scope: "write_purchasing", dialog: Postpone },
  close: { label: "Close", icon: CircleSlash, scope: "write_stock", dialog: CloseIt },
  cancel: { label: "Cancel", icon: Ban, scope: "write_purchasing", dialog: CancelIt },
};

export function NoticeDetail() {
  const { id = "" } = useParams();
  const asked = useQuery({
    queryKey: ["advance-notices", "detail", id],
    queryFn: () => answer(api.GET("/api/v1/advance-notices/{notice_id}", { params: { path: { notice_id: id } } })),
  });
  const crumbs = [{ label: "Ship notices", to: backTo("advance-notices", "/notices") }];
  return (
    <Loaded query={asked} frame={(inside) => <Page title="Ship notice" crumbs={crumbs}>{inside}</Page>}>
      {(n) => (
        <Page
          title={n.number}
          crumbs={crumbs}
          chips={<Chip state={n.status} />}
          about={
            <>
              {n.reference} of <SupplierLink supplier={n.supplier} /> → <NodeLink node={n.node} /> · announced <When at={n.announced_at} />
            </>
          }
          actions={
            <>
              <Neighbours resource="advance-notices" id={n.id} href={noticeHref} />
              <Actions record={n} next={n.next} verbs={VERBS} />
            </>
          }
        >
          <Columns
            main={
              <>
                <Lines of={n} />
                <Receipts of={n} />
                <Packages of={n} />
              </>
            }
            side={
              <>
                <WhenItComes of={n} />
                <AtDocks of={n} />
                <About of={n} />
                <Card title="History">
                  <History entries={n.history.map((h) => ({ at: h.at, actor: h.actor, why: h.why, title: titleOf(h) }))} />
                </Card>
              </>
            }
          />
        </Page>
      )}
    </Loaded>
  );
}

export function titleOf({ from_status, to_status }: Pick<WholeNotice["history"][number], "from_status" | "to_status">): string {
  if (from_status === to_status) return "Another date";
  return from_status ? `${words(from_status)} → ${words(to_status).toLowerCase()}` : words(to_status);
}

/** What was announced beside what came of it. */
export function Lines({ of: n }: { of: WholeNotice }) {
  return (
    <Card title="Lines" flush>
      <Rows
        rows={n.lines}
        keyOf={(l) => String(l.no)}
        columns={[
          { id: "sku", label: "SKU", grow: true, render: (l) => <><SkuLink sku={l.sku} />{l.beyond > 0 && <p className="faint small">{l.beyond} more than the order expected</p>}</> },
          { id: "purchase", label: "Of order", render: (l) => <Link className="link" to={`/purchases/${l.purchase_id}`}>{l.purchase}</Link> },
          { id: "lot", label: "Lot", render: (l) => [l.lot, l.expiry].filter(Boolean).join(", ") || <span className="faint">–</span> },
          { id: "units", label: "Announced", align: "right", render: (l) => l.units },
          { id: "received", label: "Received", align: "right", render: (l) => l.received },
          { id: "short", label: "Short", align: "right", render: (l) => (l.short ? <span className="minus">{l.short}</span> : 0) },
          { id: "over", label: "Over", align: "right", render: (l) => (l.over ? <span className="plus">{l.over}</span> : 0) },
        ]}
        foot={["In all", null, null, n.units, n.received, n.short, n.over]}
      />
    </Card>
  );
}

function Receipts({ of: n }: { of: WholeNotice }) {
  const asked = useQuery({
    queryKey: ["receipts", "on", n.id],
    queryFn: () => answer(api.GET("/api/v1/receipts", { params: { query: { notice_id_eq: n.id, expand: "lines", limit: 200 } } })),
  });
  return (
    <Card title="Receipts" flush>
      <Loaded query={asked}>
        {({ data }) =>
          data.length === 0 ? (
            <p className="quiet card-line">Nothing was received on it yet.</p>
          ) : (
            <Rows
              rows={data}
              keyOf={(r) => r.id}
              columns={[
                { id: "number", label: "Receipt", render: (r) => <Link className="link" to={listHref("list_movements", { cause_eq: `receipt:${r.id}` })}>{r.number}</Link> },
                { id: "lines", label: "What came", grow: true, render: (r) => r.lines.map((l) => `${l.quantity} ${l.sku} ${l.condition}`).join(", ") },
                { id: "received_at", label: "When", render: (r) => <When at={r.received_at} /> },
                { id: "status", label: "Status", render: (r) => <Chip state={r.status} /> },
              ]}
            />
          )
        }
      </Loaded>
    </Card>
  );
}

type Inside = { line: number; units: number };

/** `20 MUG, 4 PLATE`: what the notice says is in a package. */
export function contentsText(contents: unknown, lines: WholeNotice["lines"]): string {
  return (contents as Inside[]).map(({ line, units }) => `${units} ${lines.find((l) => l.no === line)?.sku ?? `of line ${line}`}`).join(", ");
}

function Packages({ of: n }: { of: WholeNotice }) {
  if (n.packages.length === 0) return null;
  return (
    <Card title="Packages" flush>
      <Rows
        rows={n.packages}
        keyOf={(p) => p.sscc}
        columns={[
          { id: "sscc", label: "SSCC", render: (p) => <span className="mono">{p.sscc}</span> },
          { id: "contents", label: "What is in it", grow: true, render: (p) => contentsText(p.contents, n.lines) || <span className="faint">not said</span> },
        ]}
      />
    </Card>
  );
}

function WhenItComes({ of: n }: { of: WholeNotice }) {
  return (
    <Card title="When it comes">
      <div className="stack">
        <Facts
          facts={[
            ["They say", n.said_at && <When key="said" at={n.said_at} />],
            ["Expected", <When key="at" at={n.expected_at} />],
            ["Late after", <When key="late" at={n.expected_late_at} />],
            ["From", RESTS_ON[n.expected_from]],
            ["Deliveries it was learned from", n.observations || null],
          ]}
        />
        <p className="quiet">{n.expected_why}</p>
      </div>
    </Card>
  );
}

/** Its appointments, the last first; without one, the way to where a dock is booked. */
function AtDocks({ of: n }: { of: WholeNotice }) {
  const asked = useQuery({
    queryKey: ["appointments", "of notice", n.id],
    queryFn: () => answer(api.GET("/api/v1/appointments", { params: { query: { notice_id_eq: n.id, limit: 20 } } })),
  });
  const calendar = (at: string) => calendarHref(n.node, at);
  return (
    <Card title="At the dock">
      <Loaded query={asked}>
        {({ data }) =>
          data.length === 0 ? (
            <p className="quiet">No dock is booked. <Link className="link" to={calendar(n.expected_at)}>Dock calendar</Link></p>
          ) : (
            <div className="stack tight">
              {data.map((a) => (
                <div key={a.id}>
                  <div className="row wrap"><Link className="link" to={calendar(a.starts_at)}>{a.number}</Link> dock {a.dock} <Chip state={a.status} /></div>
                  <When at={a.starts_at} />
                  {a.late_minutes !== null && <p className="minus small">Expected {a.late_minutes} min after its slot</p>}
                </div>
              ))}
            </div>
          )
        }
      </Loaded>
    </Card>
  );
}

function About({ of: n }: { of: WholeNotice }) {
  return (
    <Card title="About">
      <Facts
        facts={[
          ["Their number", n.reference],
          ["Carrier", n.carrier],
          ["Tracking", n.tracking],
          ["Handed over", n.shipped_at && <When key="shipped" at={n.shipped_at} />],
          ["Here since", n.arrived_at && <When key="arrived" at={n.arrived_at} />],
          ["Note", n.note],
        ]}
      />
    </Card>
  );
}
