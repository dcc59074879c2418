import { useQuery } from "@tanstack/react-query";
import { useParams, useSearchParams } from "react-router";
import { answer, api } from "@/api/client";
import { Chip } from "@/parts/Chip";
import { Count } from "@/parts/Count";
import { rowsHref } from "@/parts/links";
import { Money } from "@/parts/Money";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { Scrolls } from "@/parts/Scrolls";
import { Empty, Loaded } from "@/parts/states";
import { kilos, share, timeOf, type Lane, type Service } from "./carrier";
import { OnTime } from "./OnTime";
import { Calibration, Months } from "./Pictures";
import { Times } from "./Scorecards";

const CRUMBS = [{ label: "Carriers", to: "/carriers" }];

/** One carrier: each of its services, what was foreseen and what came of it, lane by lane. */
export function Scorecard() {
  const { carrier = "" } = useParams();
  const [address] = useSearchParams();
  const days = timeOf(address.get("days"));
  const asked = useQuery({
    queryKey: ["carrier-parcels", "scorecard", carrier, days],
    queryFn: () => answer(api.GET("/api/v1/carriers/{carrier}/scorecard", { params: { path: { carrier }, query: { since: `now-${days + 1}d` } } })),
  });
  return (
    <Page title={carrier} crumbs={CRUMBS} about="What was foreseen of each service, and what came of it." actions={<Times chosen={days} />}>
      <Loaded query={asked} frame={(inside) => <Card>{inside}</Card>}>
        {(told) =>
          told.services.length === 0 ? (
            <Card><Empty title="No parcel left with it in this time">Choose a longer time, or look at its rate cards.</Empty></Card>
          ) : (
            <div className="stack">{told.services.map((s) => <One key={s.service} of={s} />)}</div>
          )
        }
      </Loaded>
    </Page>
  );
}

function One({ of: s }: { of: Service }) {
  return (
    <>
      <Columns
        main={
          <Card title={s.service} action={s.drifts.map((d) => <Chip key={d.id} state={d.direction} tone={d.direction === "slower" ? "bad" : "info"} label={`Became ${d.direction}`} />)}>
            <div className="stack">
              {s.drifts.map((d) => (
                <p key={d.id} className="quiet">Since {d.began_on}: {d.why}.</p>
              ))}
              <Calibration of={s} />
              <Promises of={s} />
            </div>
          </Card>
        }
        side={
          <Card title="In figures">
            <Facts
              facts={[
                ["Parcels", <Count key="p" value={s.parcels.value} label="parcels" to={rowsHref(s.parcels)} />],
                ["On time", <OnTime key="o" of={s} />],
                ["Overdue", <Count key="d" value={s.overdue.value} label="overdue parcels" to={rowsHref(s.overdue)} />],
                ["Late", s.was_ppm === null ? null : `${share(s.was_ppm)}, and ${share(s.meant_ppm)} was meant`],
                ["Lost", <Count key="l" value={s.lost.part.value} label="lost parcels" to={rowsHref(s.lost.part)} />],
                ["Days", s.days_50 === null ? null : `half within ${s.days_50}, nine of ten within ${s.days_90}`],
                ["Told today", s.learned && `${s.learned.join(", ")} days for 50, 80, 90 and 95 %`],
                ["Tried", <Count key="e" value={s.explored.value} label="parcels that tried it" to={rowsHref(s.explored)} />],
                ["CO2e", s.co2_grams === null ? null : `${kilos(s.co2_grams)} a parcel`],
                ["Cost", s.cost.map((c) => <div key={c.currency}><Money amount={c.each} currency={c.currency} /> a parcel, <Money amount={c.amount} currency={c.currency} /> in all</div>)],
              ]}
            />
            <Months of={s.months} />
          </Card>
        }
      />
      <Card title={`Lanes of ${s.service}`} count={s.lanes.length}>
        <Lanes of={s.lanes} />
      </Card>
    </>
  );
}

function Promises({ of: s }: { of: Service }) {
  const told = s.promises[0]?.kept.whole.value ?? 0;
  if (told === 0) return <p className="quiet small">No day was told of parcels that came in this time: nothing was learned before they left.</p>;
  return (
    <Rows
      rows={s.promises}
      keyOf={(p) => String(p.of)}
      columns={[
        { id: "of", label: "Told to be kept in", grow: true, render: (p) => `${p.of} of 100` },
        { id: "kept", label: "Was kept in", align: "right", render: (p) => <span className="strong">{share(p.kept.ppm)}</span> },
        { id: "verbs", label: "Parcels", align: "right", render: (p) => <span><Count value={p.kept.part.value} label="kept" to={rowsHref(p.kept.part)} /> of <Count value={p.kept.whole.value} label="told" to={rowsHref(p.kept.whole)} /></span> },
      ]}
    />
  );
}

function Lanes({ of: lanes }: { of: Lane[] }) {
  return (
    <Scrolls name="Lanes">
      <Rows
        rows={lanes}
        keyOf={(l) => `${l.node} ${l.country}`}
        columns={[
          { id: "node", label: "Lane", grow: true, render: (l) => <span className="strong">{l.node} → {l.country}</span> },
          { id: "parcels", label: "Parcels", align: "right", render: (l) => <Count value={l.parcels.value} label={`parcels to ${l.country}`} to={rowsHref(l.parcels)} /> },
          { id: "low_ppm", label: "", render: (l) => <LaneBar of={l} /> },
          { id: "on_time", label: "On time", align: "right", render: (l) => <OnTime of={l} /> },
          { id: "days_50", label: "Days: half, 90 %", align: "right", render: (l) => (l.days_50 === null ? "–" : `${l.days_50}, ${l.days_90}`) },
          { id: "promises", label: "Told today: 50, 80, 90, 95 %", align: "right", render: (l) => l.promises?.join(", ") ?? <span className="faint">not learned</span> },
        ]}
      />
    </Scrolls>
  );
}

/** The interval of the share on time, on a line from nothing to all. */
function LaneBar({ of: { low_ppm: low, high_ppm: high, on_time } }: { of: Lane }) {
  if (low === null || high === null) return null;
  const at = (ppm: number) => ppm / 10_000;
  return (
    <svg className="lane-bar" viewBox="0 0 100 10" role="img" aria-label={`On time ${share(on_time.ppm)}, between ${share(low)} and ${share(high)}`}>
      <line x1={0} x2={100} y1={5} y2={5} />
      <rect x={at(low)} width={Math.max(1, at(high) - at(low))} y={2} height={6} />
      <circle cx={at(on_time.ppm ?? 0)} cy={5} r={2.5} />
    </svg>
  );
}

