import { Card } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { BASE, HEIGHT, inWords, lines, mostOf, stairs, WIDTH, xOf, yOf, type Replay, type Side } from "./replays";

/** Both policies over the same demand: the picture, the figures, and what they rest on. */
export function Replayed({ of: replay }: { of: Replay }) {
  return (
    <>
      <Card title="Stock at the end of each day" action={<Legend />}>
        <Picture of={replay} />
        <p className="faint small">
          {replay.since} to {replay.until}. {replay.demand.toLocaleString("en-GB")} units were asked for
          {replay.places_of > 1 && ` at ${replay.places} of ${replay.places_of} places`}.
          {replay.lead_times.map((lead) => ` ${lead.supplier ?? "Nobody's"} orders take ${lead.mean_days} days on average, ${lead.late_days} at 95 of 100.`)}
        </p>
      </Card>
      <Card title="Side by side" flush>
        <Rows
          rows={lines(replay)}
          keyOf={(line) => line.what}
          columns={[
            { id: "what", label: "", grow: true, render: (line) => line.what },
            { id: "now", label: "Now", align: "right", render: (line) => line.now },
            { id: "then", label: "Proposed", align: "right", render: (line) => <span className={line.now === line.then ? undefined : "strong"}>{line.then}</span> },
          ]}
        />
      </Card>
      <Card title="What this rests on">
        <ul className="caveats">
          {replay.caveats.map((caveat) => (
            <li key={caveat}>{caveat}</li>
          ))}
        </ul>
      </Card>
    </>
  );
}

function Legend() {
  return (
    <span className="row wrap small">
      <span className="replay-key now">now</span>
      <span className="replay-key then">proposed</span>
      <span className="replay-key short">stock-out</span>
      <span>ticks are orders</span>
    </span>
  );
}

function Picture({ of: replay }: { of: Replay }) {
  const most = mostOf(replay);
  return (
    <svg className="replay" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={inWords(replay)}>
      <line className="replay-axis" x1={0} x2={WIDTH} y1={BASE} y2={BASE} />
      <line className="replay-grid" x1={0} x2={WIDTH} y1={yOf(most, most)} y2={yOf(most, most)} />
      <path className="now" d={stairs(replay.current, most)} />
      <path className="then" d={stairs(replay.proposed, most)} />
      <text x={0} y={yOf(most, most) - 5}>{most.toLocaleString("en-GB")}</text>
      <Ticks of={replay.current} y={BASE + 8} name="now" label="Orders now" />
      <Ticks of={replay.proposed} y={BASE + 34} name="then" label="Orders proposed" />
      <text x={0} y={HEIGHT - 2}>{replay.since}</text>
      <text x={WIDTH} y={HEIGHT - 2} textAnchor="end">{replay.until}</text>
    </svg>
  );
}

/** A tick for each day with an order, and under it a mark for each with a stock-out. */
function Ticks({ of: side, y, name, label }: { of: Side; y: number; name: string; label: string }) {
  const days = side.path.length;
  const width = Math.max(1, WIDTH / days - 0.5);
  return (
    <g>
      <title>{label}</title>
      {side.path.map((day, n) => {
        const x = xOf(n, days);
        return (
          <g key={day.day}>
            {day.ordered > 0 && <line className={name} x1={x + width / 2} x2={x + width / 2} y1={y} y2={y + 9} />}
            {day.short > 0 && <rect className="short" x={x} y={y + 12} width={width} height={6} />}
          </g>
        );
      })}
    </g>
  );
}
