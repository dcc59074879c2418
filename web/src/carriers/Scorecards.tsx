import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { answer, api } from "@/api/client";
import { Chip } from "@/parts/Chip";
import { Count } from "@/parts/Count";
import { rowsHref } from "@/parts/links";
import { Money } from "@/parts/Money";
import { Card, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { Scrolls } from "@/parts/Scrolls";
import { Siblings } from "@/parts/Siblings";
import { Empty, Loaded } from "@/parts/states";
import { scorecardHref, share, SIBLINGS, timeOf, TIMES, type Service } from "./carrier";
import { OnTime } from "./OnTime";

/** Every service of every carrier, side by side; each number opens its parcels. */
export function Scorecards() {
  const [address] = useSearchParams();
  const days = timeOf(address.get("days"));
  const asked = useQuery({
    queryKey: ["carrier-parcels", "scorecards", days],
    queryFn: () => answer(api.GET("/api/v1/carriers/scorecards", { params: { query: { since: `now-${days + 1}d` } } })),
  });
  return (
    <Page title="Carriers" about="How every service keeps what was foreseen of it. Each number opens its parcels.">
      <Siblings of={SIBLINGS} title="Carriers" />
      <Card title="Scorecards" action={<Times chosen={days} />}>
        <Loaded query={asked}>
          {(told) =>
            told.services.length === 0 ? (
              <Empty title="No parcel left in this time">Scorecards are made of parcels that left with a label.</Empty>
            ) : (
              <Services of={told.services} />
            )
          }
        </Loaded>
      </Card>
    </Page>
  );
}

export function Times({ chosen }: { chosen: number }) {
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

function Services({ of: services }: { of: Service[] }) {
  return (
    <Scrolls name="Services">
      <Rows
        rows={services}
        keyOf={(s) => `${s.carrier} ${s.service}`}
        columns={[
          { id: "service", label: "Service", grow: true, render: (s) => <Link className="link strong" to={scorecardHref(s.carrier)}>{s.carrier} {s.service}</Link> },
          { id: "parcels", label: "Parcels", align: "right", render: (s) => <Count value={s.parcels.value} label="parcels" to={rowsHref(s.parcels)} /> },
          { id: "on_time", label: "On time", align: "right", render: (s) => <OnTime of={s} /> },
          { id: "meant_ppm", label: "Late: meant, was", align: "right", render: (s) => <span className="nowrap">{share(s.meant_ppm)}, <span className="strong">{share(s.was_ppm)}</span></span> },
          { id: "days_50", label: "Days: half, 90 %", align: "right", render: (s) => (s.days_50 === null ? "–" : `${s.days_50}, ${s.days_90}`) },
          { id: "lost", label: "Lost", align: "right", render: (s) => <Count value={s.lost.part.value} label="lost parcels" to={rowsHref(s.lost.part)} /> },
          { id: "cost", label: "Each parcel", align: "right", render: (s) => s.cost.map((c) => <div key={c.currency}><Money amount={c.each} currency={c.currency} /></div>) },
          { id: "drifts", label: "", render: (s) => s.drifts.map((d) => <Chip key={d.id} state={d.direction} tone={d.direction === "slower" ? "bad" : "info"} label={`Became ${d.direction}`} />) },
        ]}
      />
    </Scrolls>
  );
}
