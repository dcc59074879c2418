import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { listHref } from "@/parts/links";
import { Card, Facts } from "@/parts/Page";
import { Empty, Loaded } from "@/parts/states";
import { daysHref, scaleOf } from "./leadTimes";
import { OPEN } from "./supplier";

type LeadTimeShape = Shape<"LeadTime">;

/** What was quoted, what really happened, and what plans make of it. */
export function LeadTime({ supplier }: { supplier: string }) {
  const asked = useQuery({
    queryKey: ["deliveries", "lead-time", supplier],
    queryFn: () => answer(api.GET("/api/v1/suppliers/{supplier}/lead-time", { params: { path: { supplier } } })),
  });
  return (
    <Card title="Lead time" action={asked.data && asked.data.deliveries > 0 && <Link className="link small" to={daysHref(asked.data)}>All deliveries</Link>}>
      <Loaded query={asked}>{(told) => <Told of={told} />}</Loaded>
    </Card>
  );
}

function Told({ of: t }: { of: LeadTimeShape }) {
  return (
    <div className="stack">
      {t.deliveries === 0 ? (
        <Empty title="Nothing delivered yet">Plans go by the {t.quoted_days} days that were quoted until something has come.</Empty>
      ) : (
        <Histogram of={t} />
      )}
      <Facts
        facts={[
          ["Quoted", `${t.quoted_days} days`],
          ["Real", t.mean_days === null ? null : `${t.mean_days} days on average, give or take ${t.spread_days}`],
          ["Plans reckon", t.planned_days === null ? null : <Link key="plan" className="link" to={`/replenishment?supplier_eq=${encodeURIComponent(t.supplier)}`}>{t.planned_days} days on average, {t.planned_late_days} at 95 of 100 orders</Link>],
          ["Still out", t.waiting === 0 ? null : <Link key="out" className="link" to={listHref("list_purchase_orders", { supplier_eq: t.supplier, status_in: [...OPEN].slice(2) })}>{t.waiting} {t.waiting === 1 ? "line" : "lines"}, for {t.longest_wait_days} days at the longest</Link>],
        ]}
      />
      {t.deliveries > 0 && <p className="faint small">Plans learn from the deliveries of the last two years, the newer ones more, and from what is still out; the quoted time weighs as much as four deliveries.</p>}
    </div>
  );
}

const WIDTH = 320;
const HEIGHT = 96;
const BASE = 78;

/** A bar for each stretch of days, which opens its deliveries; the band is the mean and the spread around it. */
function Histogram({ of: t }: { of: LeadTimeShape }) {
  const x = scaleOf(t, WIDTH);
  const most = Math.max(...t.bars.map((b) => b.deliveries));
  const mean = t.mean_days ?? 0;
  const spread = t.spread_days ?? 0;
  const first = t.bars[0]?.from_days ?? 0;
  const last = (t.bars.at(-1)?.below_days ?? 1) - 1;
  return (
    <svg className="lead-time" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="group" aria-label={`${t.deliveries} deliveries took ${first} to ${last} days: ${mean} on average, give or take ${spread}`}>
      <rect className="lead-time-band" x={x(mean - spread)} y={2} width={Math.max(2, x(mean + spread) - x(mean - spread))} height={BASE - 2} />
      {t.bars.map((bar) => {
        const said = `${bar.deliveries} took ${daysText(bar)}`;
        const height = (BASE - 12) * (bar.deliveries / most);
        const drawn = (
          <rect x={x(bar.from_days) + 0.75} y={BASE - height} width={Math.max(1, x(bar.below_days) - x(bar.from_days) - 1.5)} height={height}>
            <title>{said}</title>
          </rect>
        );
        return bar.deliveries === 0 ? null : (
          <Link key={bar.from_days} to={daysHref(t, bar)} aria-label={said}>
            {drawn}
          </Link>
        );
      })}
      <line className="lead-time-axis" x1={0} x2={WIDTH} y1={BASE} y2={BASE} />
      <line className="lead-time-mean" x1={x(mean)} x2={x(mean)} y1={2} y2={BASE} />
      <line className="lead-time-quoted" x1={x(t.quoted_days)} x2={x(t.quoted_days)} y1={2} y2={BASE}>
        <title>{`quoted: ${t.quoted_days} days`}</title>
      </line>
      <text x={x(first)} y={HEIGHT - 4}>{first}</text>
      <text x={x(mean)} y={HEIGHT - 4} textAnchor="middle" className="strong">{`mean ${mean}`}</text>
      <text x={x(last + 1)} y={HEIGHT - 4} textAnchor="end">{`${last} days`}</text>
    </svg>
  );
}

function daysText({ from_days, below_days }: { from_days: number; below_days: number }): string {
  if (below_days - from_days > 1) return `${from_days} to ${below_days - 1} days`;
  return from_days === 1 ? "1 day" : `${from_days} days`;
}
