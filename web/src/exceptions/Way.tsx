import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { Chip, words } from "@/parts/Chip";
import { Card } from "@/parts/Page";
import { useCan } from "@/parts/scopes";
import { Loaded } from "@/parts/states";
import { whenText } from "@/parts/When";
import { exceptionHref, KINDS, toneOf } from "./exception";
import "@/look/exceptions.css";

type Timeline = Shape<"ParcelTimeline">;

/** Where the parcels of an order are, by what their carriers told, on the clock of the place where it happened. */
export function OrderWay({ orderId, only }: { orderId: string; only?: string }) {
  const can = useCan();
  const way = useQuery({
    queryKey: ["tracks", "of", orderId],
    queryFn: () => answer(api.GET("/api/v1/orders/{order_id}/tracking", { params: { path: { order_id: orderId } } })),
  });
  const troubles = useQuery({
    queryKey: ["parcel-exceptions", "of", orderId],
    enabled: !only && can("read_shipping"),
    queryFn: () => answer(api.GET("/api/v1/parcel-exceptions", { params: { query: { order_id_eq: orderId, limit: 200 } } })),
  });
  const shown = way.data?.data.filter((t) => !only || t.tracking_number === only);
  if (shown?.length === 0) return null;
  return (
    <Card title="On its way" count={shown && shown.length > 1 ? shown.length : undefined}>
      <Loaded query={way}>
        {() => (
          <div className="stack">
            {shown?.map((t) => {
              const trouble = troubles.data?.data.find((x) => x.parcel_id === t.parcel_id);
              return (
                <section key={t.tracking_number} aria-label={`Parcel ${t.tracking_number}`}>
                  <div className="row wrap">
                    <code>{t.tracking_number}</code>
                    <Chip state={t.status} tone={t.status === "pending" ? "mute" : undefined} label={t.status === "pending" ? "Not scanned yet" : undefined} />
                    <Judged of={t} />
                    {trouble && (
                      <Link className="link" to={exceptionHref(trouble.id)}>
                        {trouble.number}
                      </Link>
                    )}
                    {trouble && trouble.status !== "resolved" && <Chip state={trouble.kind} tone={toneOf(trouble.kind)} label={KINDS[trouble.kind]} />}
                  </div>
                  <Events of={t} />
                </section>
              );
            })}
          </div>
        )}
      </Loaded>
    </Card>
  );
}

function Judged({ of: t }: { of: Timeline }) {
  const there = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
  if (!t.promised_on) return null;
  const day = there.format(new Date(t.promised_on));
  if (t.late_days === null) return <span className="quiet small">promised by {day}</span>;
  return t.late_days === 0 ? <Chip state="on_day" label="In time" /> : <Chip state="late" label={`${t.late_days} d late`} tone="bad" />;
}

function Events({ of: t }: { of: Timeline }) {
  if (t.events.length === 0) return <p className="faint small">The carrier has not scanned it yet.</p>;
  return (
    <ol className="way">
      {t.events.map((e) => (
        <li key={e.event_id}>
          <span>
            {words(e.status)}
            {e.incident && <span className="quiet"> · {words(e.incident).toLowerCase()}{e.cause && ` (${e.cause})`}</span>}
            {e.place && <span className="faint"> · {e.place}</span>}
          </span>
          <time dateTime={e.at} className="faint small nowrap" title={`${e.local_at}\n${e.at}`}>
            {localText(e.local_at, e.time_zone)}
          </time>
        </li>
      ))}
    </ol>
  );
}

/** A zone by name is the browser's to write; of an offset the carrier's own clock is shown. */
export function localText(at: string, zone: string): string {
  if (!/^[+-]/.test(zone)) {
    try {
      return whenText(at, zone);
    } catch {
      return whenText(at, "UTC");
    }
  }
  const clock = new Date(`${at.slice(0, 19)}Z`);
  return `${whenText(clock.toISOString(), "UTC").replace(/ UTC$/, "")} ${zone}`;
}
