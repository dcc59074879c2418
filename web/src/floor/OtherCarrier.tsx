import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "@/api/client";
import { useWrite } from "@/api/write";
import { Money } from "@/parts/Money";
import { Loading, ProblemNote } from "@/parts/states";
import { CarrierAnswers } from "./CarrierAnswers";
import { ScanBox } from "./ScanBox";
import { KeyButton } from "./Station";

const WHILE_ASKING_MS = 700;

type Props = {
  parcel: { id: string; number: number; label_id: string | null };
  /** What was bought, or null when the packer went back. */
  done: (bought: { carrier: string; service: string; tracking_number: string; why: string } | null) => void;
};

/** Every service for a parcel with its price and chance to be late; a number takes one, and a reason is asked for. */
export function OtherCarrier({ parcel, done }: Props) {
  const [taken, setTaken] = useState<{ carrier: string; service: string } | null>(null);
  const [waits, setWaits] = useState<string | null>(null);
  const offers = useQuery({
    refetchInterval: (query) => (query.state.data?.carriers.some((one) => one.state === "asking") ? WHILE_ASKING_MS : false),
    queryKey: ["parcels", "offers", parcel.id],
    queryFn: () => answer(api.GET("/api/v1/parcels/{parcel_id}/offers", { params: { path: { parcel_id: parcel.id } } })),
  });
  const buy = useWrite(
    async ({ carrier, service, reason }: { carrier: string; service: string; reason: string }, once) => {
      if (parcel.label_id) await answer(api.POST("/api/v1/labels/{label_id}/void", { params: { path: { label_id: parcel.label_id } }, body: { reason } }));
      return answer(api.POST("/api/v1/parcels/{parcel_id}/label", { params: { path: { parcel_id: parcel.id } }, body: { carrier, service, reason }, ...once }));
    },
    { done: (bought) => (bought.state === "live" ? done(bought) : setWaits(bought.why)) },
  );
  const able = (offers.data?.offers ?? []).filter((o) => !o.refused || ["promise", "price", "late"].includes(o.refused_by ?? ""));
  const left = (offers.data?.offers ?? []).filter((o) => !able.includes(o));
  return (
    <section className="floor-now" aria-label={`Carriers for parcel ${parcel.number}`}>
      <p className="floor-step">Parcel {parcel.number}: {taken ? `why ${taken.carrier} ${taken.service}?` : "type the number of a carrier"}</p>
      <ProblemNote problem={offers.error ?? buy.error} retry={offers.error ? () => void offers.refetch() : undefined} />
      {waits && <p role="status">There is no label yet: {waits}</p>}
      {offers.isPending && <Loading />}
      <ScanBox
        label={taken ? "The reason, then Enter" : "Number, then Enter"}
        busy={buy.isPending}
        onScan={(text) => {
          if (taken) {
            if (text.trim()) buy.mutate({ ...taken, reason: text.trim() });
            return;
          }
          const one = able[Number(text) - 1];
          if (one) setTaken({ carrier: one.carrier, service: one.service });
        }}
        keys={{ F8: () => done(null) }}
      />
      <div className="floor-keys">
        <KeyButton keyName="F8" label="Back, keep it as it is" onPress={() => done(null)} disabled={buy.isPending} />
      </div>
      <ol className="floor-list">
        {able.map((o, at) => (
          <li key={`${o.account ?? o.rate_card_id} ${o.carrier} ${o.service}`}>
            <span className="floor-units">{at + 1}</span>
            <button type="button" className="floor-name link" onClick={() => setTaken({ carrier: o.carrier, service: o.service })}>
              {o.carrier} {o.service}
            </button>
            <span className="faint small">
              {o.late_ppm === null ? `${o.transit_days} days quoted` : `${(o.late_ppm / 10_000).toFixed(1)} % late`}
              {o.refused ? `, ${o.refused}` : ""}
              {`${o.carrier} ${o.service}` === offers.data?.chosen ? ", would be chosen" : ""}
            </span>
            <Money amount={o.amount} currency={o.currency} />
          </li>
        ))}
      </ol>
      {left.map((o) => <p key={`${o.account ?? o.rate_card_id} ${o.carrier} ${o.service}`} className="faint small">{o.carrier} {o.service}: {o.refused}</p>)}
      <CarrierAnswers parcel={parcel.id} carriers={offers.data?.carriers ?? []} />
    </section>
  );
}
