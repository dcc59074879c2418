import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { answer, api } from "@/api/client";
import { Count } from "@/parts/Count";
import { rowsHref } from "@/parts/links";
import { Money } from "@/parts/Money";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { Scrolls } from "@/parts/Scrolls";
import { Siblings } from "@/parts/Siblings";
import { Empty, Loaded } from "@/parts/states";
import { byOf, DIMENSIONS, isYoung, nameOf, scaleOf, share, SIBLINGS, timeOf, TIMES, type By, type Insight as Told, type Rate } from "./insight";
import { Months, RateBar, Reasons } from "./Pictures";

const useInsight = (by: By, days: number) =>
  useQuery({
    queryKey: ["return-lines", "insight", by, days],
    queryFn: () => answer(api.GET("/api/v1/return-insight", { params: { query: { by, since: `now-${days + 1}d` } } })),
  });

/** How much of what was sent comes back, of what and why, and what it costs; each number opens its rows. */
export function Insight() {
  const [address] = useSearchParams();
  const days = timeOf(address.get("days"));
  const by = byOf(address.get("by"));
  const reasons = useInsight("reason", days);
  const months = useInsight("month", days);
  const ranked = useInsight(by, days);
  const nothing = <Empty title="Nothing left in this time">Rates are made of parcels that left with a label. Choose a longer time.</Empty>;
  return (
    <Page title="Returns insight" about="How much of what was sent comes back, of what and why. Each number opens its rows." actions={<Times days={days} by={by} />}>
      <Siblings of={SIBLINGS} title="Returns insight" />
      <Columns
        main={
          <Card title="By the month in which it left">
            <Loaded query={months}>{(told) => (told.total.shipped.value === 0 ? nothing : <Months of={told} />)}</Loaded>
          </Card>
        }
        side={
          <Card title="In all">
            <Loaded query={months}>{(told) => <InAll of={told} />}</Loaded>
          </Card>
        }
      />
      <Card title="Why">
        <Loaded query={reasons}>
          {(told) => (told.total.came.value === 0 ? <Empty title="Nothing came back">Of what left in this time.</Empty> : <Reasons of={told} />)}
        </Loaded>
      </Card>
      <Card title="Of what" action={<Dimensions days={days} by={by} />}>
        <Loaded query={ranked}>{(told) => (told.rows.length === 0 ? nothing : <Ranked of={told} />)}</Loaded>
      </Card>
    </Page>
  );
}

function Times({ days: chosen, by }: { days: number; by: By }) {
  return (
    <nav className="row small" aria-label="Time of the rates">
      {TIMES.map((days) => (
        <Link key={days} className={days === chosen ? "strong" : "link"} aria-current={days === chosen ? "true" : undefined} to={`?days=${days}&by=${by}`} replace preventScrollReset>
          {days} days
        </Link>
      ))}
    </nav>
  );
}

function Dimensions({ days, by: chosen }: { days: number; by: By }) {
  return (
    <nav className="row small" aria-label="What rates are told by">
      {DIMENSIONS.map(({ by, label }) => (
        <Link key={by} className={by === chosen ? "strong" : "link"} aria-current={by === chosen ? "true" : undefined} to={`?days=${days}&by=${by}`} replace preventScrollReset>
          {label}
        </Link>
      ))}
    </nav>
  );
}

export function InAll({ of: told }: { of: Told }) {
  const t = told.total;
  const money = (amount: number) => <Money amount={amount} currency={told.currency} />;
  return (
    <div className="stack">
      <Facts
        facts={[
          ["Expected to come back", <span key="e" className="strong">{share(t.expected_ppm)}</span>],
          ["In 95 of 100 cases between", t.low_ppm === null ? null : `${share(t.low_ppm)} and ${share(t.high_ppm)}`],
          ["Units sent", <Count key="s" value={t.shipped.value} label="units sent" to={rowsHref(t.shipped)} />],
          ["Units that came", <span key="c"><Count value={t.came.value} label="units that came" to={rowsHref(t.came)} /> <span className="quiet small">{share(t.so_far_ppm)} so far</span></span>],
          ["Half of it within", told.half_after_days === null ? null : `${told.half_after_days} days`],
          ["Given back", <Link key="r" className="link" to={rowsHref(t.refunded)}>{money(t.refunded.value)}</Link>],
          ["Fees kept", t.fees ? money(t.fees) : null],
          ["Ways home", t.leg ? money(t.leg) : null],
          ["Together", <span key="n" className="strong">{money(t.net.value)}</span>],
        ]}
      />
      <p className="faint small">
        Of young parcels much may still come: units count by how much of all returns has come by their age, learned from {told.learned.toLocaleString("en-GB")} that came back.
        {told.currencies.length > 1 && ` Amounts are of orders in ${told.currency}.`}
      </p>
    </div>
  );
}

export function Ranked({ of: told }: { of: Told }) {
  const scale = scaleOf(told.rows);
  return (
    <Scrolls name="Rates">
      <Rows
        rows={told.rows}
        keyOf={(r) => r.key ?? "none"}
        columns={[
          { id: "key", label: DIMENSIONS.find((d) => d.by === told.by)?.label ?? "", grow: true, render: (r) => <Name of={r} by={told.by} /> },
          { id: "shipped", label: "Sent", align: "right", render: (r) => <Count value={r.shipped.value} label="units sent" to={rowsHref(r.shipped)} /> },
          { id: "came", label: "Came", align: "right", render: (r) => <Count value={r.came.value} label="units that came" to={rowsHref(r.came)} /> },
          { id: "so_far_ppm", label: "So far", align: "right", render: (r) => <span className="quiet">{share(r.so_far_ppm)}</span> },
          { id: "expected_ppm", label: "Expected", align: "right", render: (r) => <span className="nowrap"><span className="strong">{share(r.expected_ppm)}</span>{isYoung(r) && <span className="faint small" title="Much of it may still come"> young</span>}</span> },
          { id: "low_ppm", label: `0 to ${share(scale)}`, render: (r) => <RateBar of={r} scale={scale} /> },
          { id: "shrunk_ppm", label: "Ranked by", align: "right", render: (r) => <span title={`Drawn towards the rate of all by ${told.prior} units`}>{share(r.shrunk_ppm)}</span> },
          { id: "refunded", label: "Given back", align: "right", render: (r) => <Money amount={r.refunded.value} currency={told.currency} /> },
          { id: "fees", label: "Fees kept", align: "right", render: (r) => (r.fees ? <Money amount={r.fees} currency={told.currency} /> : <span className="faint">–</span>) },
          { id: "leg", label: "Ways home", align: "right", render: (r) => (r.leg ? <Money amount={r.leg} currency={told.currency} /> : <span className="faint">–</span>) },
          { id: "net", label: "Together", align: "right", render: (r) => <Link className="link" to={rowsHref(r.net)}><Money amount={r.net.value} currency={told.currency} /></Link> },
        ]}
      />
      {told.left_out > 0 && <p className="faint small">{told.left_out} more with lower rates are in the lists.</p>}
    </Scrolls>
  );
}

function Name({ of: r, by }: { of: Rate; by: By }) {
  if (by !== "sku" || r.key === null) return <span className={r.key === null ? "faint" : "strong"}>{nameOf(by, r.key)}</span>;
  return <span><span className="strong">{r.title ?? r.key}</span> <span className="faint small mono">{r.key}</span></span>;
}
