import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { Count } from "@/parts/Count";
import { rowsHref } from "@/parts/links";
import { Card, Facts } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { useCan } from "@/parts/scopes";
import { Empty, Loaded } from "@/parts/states";
import { partsOf, shareText, TIMES, timeOf, WORDS, type Score } from "./scores";

type ScorecardShape = Shape<"Scorecard">;
type Share = Shape<"ScoreShare">;

type Line = { code: "on_time" | "in_full" | "otif"; label: string; what: string };

const SHARES: Line[] = [
  { code: "on_time", label: "On time", what: "lines" },
  { code: "in_full", label: "In full", what: "units" },
  { code: "otif", label: "Both (OTIF)", what: "lines" },
];

/** How the supplier keeps its dates and how good its goods are; each number opens the rows that make it. */
export function Scorecard({ supplier }: { supplier: string }) {
  const [address] = useSearchParams();
  const days = timeOf(address.get("days"));
  const asked = useQuery({
    queryKey: ["supplier-promises", "scorecard", supplier, days],
    queryFn: () => answer(api.GET("/api/v1/suppliers/{supplier}/scorecard", { params: { path: { supplier }, query: { since: `now-${days + 1}d` } } })),
  });
  return (
    <Card title="Scorecard" action={<Times chosen={days} />}>
      <Loaded query={asked}>{(told) => <Told of={told} />}</Loaded>
    </Card>
  );
}

function Times({ chosen }: { chosen: number }) {
  return (
    <nav className="row small" aria-label="Time of the scorecard">
      {TIMES.map((days) => (
        <Link key={days} className={days === chosen ? "strong" : "link"} aria-current={days === chosen ? "true" : undefined} to={`?days=${days}`} replace preventScrollReset>
          {days} days
        </Link>
      ))}
    </nav>
  );
}

function Told({ of: t }: { of: ScorecardShape }) {
  const can = useCan();
  const nothing = [t.confirmed.on_time, t.first.on_time, t.defects.units].every((share) => share.whole.value === 0);
  if (nothing) return <Empty title="Nothing to judge yet">No line was promised for this time, and nothing came in it.</Empty>;
  const { lead_time: lead } = t;
  return (
    <div className="stack">
      <Picture of={t} />
      <Rows
        rows={SHARES.map((line) => ({ ...line, confirmed: t.confirmed[line.code], first: t.first[line.code] }))}
        keyOf={(line) => line.code}
        columns={[
          { id: "what", label: "", grow: true, render: (line) => line.label },
          { id: "confirmed", label: "Confirmed date", align: "right", render: ({ confirmed, what }) => <Fraction of={confirmed} what={`${what} of the confirmed date`} /> },
          { id: "first", label: "First date", align: "right", render: ({ first, what }) => <Fraction of={first} what={`${what} of the first date`} /> },
        ]}
      />
      <Facts
        facts={[
          ["Defects", <Fraction key="units" of={t.defects.units} what="units received" />],
          ["Lots rejected", <Fraction key="lots" of={t.defects.lots} what="lots judged by a sample" opens={can("read_stock")} />],
          ["Lead time", lead.deliveries.value === 0 ? null : <span key="lead">{lead.mean_days} days on average, give or take {lead.spread_days}; {lead.shortest_days} to {lead.longest_days}, half within {lead.median_days} (<Count value={lead.deliveries.value} label="deliveries" to={rowsHref(lead.deliveries)} />)</span>],
          ["Cancelled", t.confirmed.cancelled.value === 0 ? null : <Count key="cancelled" value={t.confirmed.cancelled.value} label="cancelled lines" to={rowsHref(t.confirmed.cancelled)} />],
        ]}
      />
      <p className="faint small">The first date is the one that the supplier confirmed first. A line counts in the time of its date, from a day after it on; early is on time.</p>
    </div>
  );
}

function Fraction({ of: { part, whole, ppm }, what, opens = true }: { of: Share; what: string; opens?: boolean }) {
  if (whole.value === 0) return <span className="faint">–</span>;
  return (
    <span className="nowrap">
      <span className="strong">{shareText(ppm)}</span>{" "}
      <span className="quiet small">
        {opens ? <Count value={part.value} label={`of the ${what}`} to={rowsHref(part)} /> : part.value} of {opens ? <Count value={whole.value} label={what} to={rowsHref(whole)} /> : whole.value}
      </span>
    </span>
  );
}

const WIDTH = 640;
const FROM = 96;
const BAR = 18;

/** A bar for each of the two dates: its lines from early to never, each part of which opens them. */
function Picture({ of: t }: { of: ScorecardShape }) {
  const bars: [string, Score][] = [["Confirmed date", t.confirmed], ["First date", t.first]];
  return (
    <svg className="scorecard" viewBox={`0 0 ${WIDTH} ${bars.length * 42}`} role="group" aria-label="Lines by how they kept their date">
      {bars.map(([label, score], at) => {
        const parts = partsOf(score, WIDTH - FROM);
        const y = at * 42;
        return (
          <g key={label}>
            <text x={0} y={y + 13}>{label}</text>
            {parts.length === 0 && <text x={FROM} y={y + 13}>no lines</text>}
            {parts.map(({ timing, number, x, width }) => {
              const said = `${number.value} ${WORDS[timing]}`;
              return (
                <Link key={timing} to={rowsHref(number)} aria-label={`${label}: ${said}`}>
                  <rect data-timing={timing} x={FROM + x + 0.75} y={y} width={Math.max(1, width - 1.5)} height={BAR}>
                    <title>{said}</title>
                  </rect>
                  {width > 70 && <text x={FROM + x + 2} y={y + BAR + 14}>{said}</text>}
                </Link>
              );
            })}
          </g>
        );
      })}
    </svg>
  );
}
