import { Link } from "react-router";
import { rowsHref } from "@/parts/links";
import { share, type Service } from "./carrier";

const SIDE = 220;
const LEFT = 40;
const TOP = 8;

/** What was meant against what came of it: promised days, and chances to be late. On the line both are the same. */
export function Calibration({ of: s }: { of: Service }) {
  const promises = s.promises.filter((p) => p.kept.ppm !== null);
  if (promises.length === 0 && s.bins.length === 0) return null;
  const x = (ppm: number) => LEFT + (SIDE * ppm) / 1_000_000;
  const y = (ppm: number) => TOP + SIDE - (SIDE * ppm) / 1_000_000;
  const most = Math.max(1, ...s.bins.map((b) => b.parcels.value));
  const said = [
    ...promises.map((p) => `told for ${p.of} of 100, kept in ${share(p.kept.ppm)}`),
    ...s.bins.map((b) => `late: meant ${share(b.meant_ppm)}, was ${share(b.was_ppm)} of ${b.parcels.value}`),
  ];
  return (
    <figure className="calibration">
      <svg viewBox={`0 0 ${LEFT + SIDE + 12} ${SIDE + 40}`} role="group" aria-label={`Meant against happened. ${said.join("; ")}.`}>
        <rect className="frame" x={LEFT} y={TOP} width={SIDE} height={SIDE} />
        <line className="same" x1={x(0)} y1={y(0)} x2={x(1_000_000)} y2={y(1_000_000)} />
        {[0, 500_000, 1_000_000].map((ppm) => (
          <g key={ppm}>
            <text x={x(ppm)} y={TOP + SIDE + 14} textAnchor="middle">{ppm / 10_000}</text>
            <text x={LEFT - 5} y={y(ppm) + 4} textAnchor="end">{ppm / 10_000}</text>
          </g>
        ))}
        <text x={LEFT + SIDE / 2} y={TOP + SIDE + 29} textAnchor="middle">meant, %</text>
        {s.bins.map((b) => (
          <Link key={b.from_ppm} to={rowsHref(b.parcels)} aria-label={`Late: meant ${share(b.meant_ppm)}, was ${share(b.was_ppm)}`}>
            <circle className="late" cx={x(b.meant_ppm)} cy={y(b.was_ppm)} r={3 + 6 * Math.sqrt(b.parcels.value / most)}>
              <title>{`Late: meant ${share(b.meant_ppm)}, was ${share(b.was_ppm)}, ${b.parcels.value} parcels`}</title>
            </circle>
          </Link>
        ))}
        {promises.map((p) => (
          <Link key={p.of} to={rowsHref(p.kept.part)} aria-label={`Told for ${p.of} of 100, kept in ${share(p.kept.ppm)}`}>
            <rect className="kept" x={x(p.of * 10_000) - 4} y={y(p.kept.ppm ?? 0) - 4} width={8} height={8}>
              <title>{`Told for ${p.of} of 100, kept in ${share(p.kept.ppm)}`}</title>
            </rect>
          </Link>
        ))}
      </svg>
      <figcaption className="small quiet">
        <p><span className="calibration-key kept" /> days that were told to be kept in 50, 80, 90 and 95 of 100</p>
        <p><span className="calibration-key late" /> chances to be late, larger for more parcels</p>
        <p>On the line, what was meant happened. Upwards is what happened, in per cent.</p>
      </figcaption>
    </figure>
  );
}

const WIDE = 300;
const HIGH = 60;

/** On time, month by month: the higher the better; a thin bar had few parcels. */
export function Months({ of: months }: { of: Service["months"] }) {
  if (months.length < 2) return null;
  const step = WIDE / months.length;
  const most = Math.max(...months.map((m) => m.parcels));
  const said = months.map((m) => `${m.month}: ${share(m.on_time.ppm)} of ${m.on_time.whole.value}`).join("; ");
  return (
    <figure className="months">
      <svg viewBox={`0 0 ${WIDE} ${HIGH + 16}`} role="img" aria-label={`On time by month. ${said}.`}>
        {months.map((m, at) => {
          const width = Math.max(2, (step - 3) * Math.sqrt(m.parcels / most));
          const height = (HIGH * (m.on_time.ppm ?? 0)) / 1_000_000;
          return (
            <g key={m.month}>
              <rect className="behind" x={at * step + (step - width) / 2} y={0} width={width} height={HIGH} />
              <rect x={at * step + (step - width) / 2} y={HIGH - height} width={width} height={height}>
                <title>{`${m.month}: ${share(m.on_time.ppm)} of ${m.on_time.whole.value} on time`}</title>
              </rect>
              {(months.length <= 8 || at % 3 === 0) && <text x={at * step + step / 2} y={HIGH + 12} textAnchor="middle">{m.month.slice(2)}</text>}
            </g>
          );
        })}
      </svg>
      <figcaption className="small quiet">On time by month of leaving</figcaption>
    </figure>
  );
}
