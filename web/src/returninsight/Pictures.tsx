import { Link } from "react-router";
import { Count } from "@/parts/Count";
import { rowsHref } from "@/parts/links";
import { Money } from "@/parts/Money";
import { isYoung, nameOf, scaleOf, share, type Insight, type Rate } from "./insight";

/** Units by why they came, the most frequent first; a bar is a share of all that came. */
export function Reasons({ of: told }: { of: Insight }) {
  const rows = told.rows.filter((r) => r.came.value > 0).sort((a, b) => b.came.value - a.came.value);
  const all = rows.reduce((sum, r) => sum + r.came.value, 0);
  const most = Math.max(1, ...rows.map((r) => r.came.value));
  return (
    <ul className="reasons" aria-label="Units that came back, by reason">
      {rows.map((r) => (
        <li key={r.key}>
          <span className="reasons-name">{nameOf("reason", r.key)}</span>
          <span className="reasons-bar" aria-hidden="true"><span style={{ width: `${(100 * r.came.value) / most}%` }} /></span>
          <span className="reasons-units"><Count value={r.came.value} label={`units, ${nameOf("reason", r.key)}`} to={rowsHref(r.came)} /> <span className="quiet small">{share(Math.round((1_000_000 * r.came.value) / all))}</span></span>
          <span className="reasons-money quiet small"><Money amount={r.net.value} currency={told.currency} /></span>
        </li>
      ))}
    </ul>
  );
}

const WIDE = 640;
const HIGH = 190;
const LEFT = 44;
const TOP = 10;

/** Month by month of leaving: what is expected to come back in the end, between what and what, and what came so far. */
export function Months({ of: told }: { of: Insight }) {
  const rows = told.rows.filter((r) => r.shipped.value > 0);
  const scale = scaleOf(rows);
  const step = (WIDE - LEFT) / rows.length;
  const x = (at: number) => LEFT + step * (at + 0.5);
  const y = (ppm: number) => TOP + HIGH - (HIGH * Math.min(ppm, scale)) / scale;
  const line = rows.map((r, at) => `${at ? "L" : "M"}${x(at)},${y(r.expected_ppm ?? 0)}`).join(" ");
  return (
    <figure className="cohorts">
      <svg viewBox={`0 0 ${WIDE} ${TOP + HIGH + 24}`} role="group" aria-label="Expected return rate by the month in which units left">
        {[0, scale / 2, scale].map((ppm) => (
          <g key={ppm}>
            <line className="grid" x1={LEFT} x2={WIDE} y1={y(ppm)} y2={y(ppm)} />
            <text x={LEFT - 6} y={y(ppm) + 4} textAnchor="end">{share(ppm)}</text>
          </g>
        ))}
        {rows.map((r, at) => (rows.length <= 8 || at % 2 === 0) && <text key={r.key} x={x(at)} y={TOP + HIGH + 16} textAnchor="middle">{r.key?.slice(2)}</text>)}
        <path className="line" d={line} />
        {rows.map((r, at) => {
          const said = `${r.key}: ${share(r.expected_ppm)} expected, between ${share(r.low_ppm)} and ${share(r.high_ppm)}; ${share(r.so_far_ppm)} came so far, ${r.came.value} of ${r.shipped.value}`;
          const wide = Math.min(18, step * 0.5);
          return (
            <Link key={r.key} to={rowsHref(r.came)} aria-label={said}>
              <title>{said}</title>
              <rect className="so-far" x={x(at) - wide / 2} width={wide} y={y(r.so_far_ppm ?? 0)} height={TOP + HIGH - y(r.so_far_ppm ?? 0)} />
              {r.low_ppm !== null && r.high_ppm !== null && <line className="between" x1={x(at)} x2={x(at)} y1={y(r.low_ppm)} y2={y(r.high_ppm)} />}
              <circle className={isYoung(r) ? "young" : "known"} cx={x(at)} cy={y(r.expected_ppm ?? 0)} r={4} />
            </Link>
          );
        })}
      </svg>
      <figcaption className="small quiet">
        <span className="cohorts-key known" /> expected in the end <span className="cohorts-key young" /> much of it may still come <span className="cohorts-key so-far" /> came so far. The line at each is where the truth lies in 95 of 100 cases.
      </figcaption>
    </figure>
  );
}

/** The expected rate on a line with all others, with what it lies between. */
export function RateBar({ of: r, scale }: { of: Rate; scale: number }) {
  if (r.low_ppm === null || r.high_ppm === null || r.expected_ppm === null) return null;
  const at = (ppm: number) => (100 * Math.min(ppm, scale)) / scale;
  return (
    <svg className="rate-bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label={`Between ${share(r.low_ppm)} and ${share(r.high_ppm)}`}>
      <line x1={0} x2={100} y1={5} y2={5} />
      <rect className="between" x={at(r.low_ppm)} width={Math.max(1, at(r.high_ppm) - at(r.low_ppm))} y={2} height={6} />
      <rect className="expected" x={Math.max(0, at(r.expected_ppm) - 0.8)} width={1.6} y={0} height={10} />
    </svg>
  );
}
