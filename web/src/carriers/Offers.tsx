import { Chip } from "@/parts/Chip";
import { Money } from "@/parts/Money";
import { Rows } from "@/parts/Rows";
import { Scrolls } from "@/parts/Scrolls";
import { kilos, share, type Offer } from "./carrier";

/** What stands by an offer that a rule or a hard constraint left out. */
const BY: Record<string, string> = { card: "Card", policy: "Policy", asked: "Asked", rule: "Rule", promise: "Promised day", price: "Price", late: "Too often late" };

/** Every offer of a choice: price, what lateness, loss and carbon are expected to cost, and what left it out. */
export function Offers({ offers, chosen }: { offers: Offer[]; chosen: string | null }) {
  const name = (o: Offer) => `${o.carrier} ${o.service}`;
  const priced = (o: Offer) => o.amount > 0 || !o.refused;
  const rows = [...offers].sort((a, b) => Number(Boolean(a.refused)) - Number(Boolean(b.refused)) || a.expected - b.expected);
  return (
    <Scrolls name="Every offer">
      <Rows
        rows={rows}
        keyOf={(o) => `${o.rate_card_id} ${name(o)}`}
        columns={[
          { id: "service", label: "Service", render: (o) => <span className={name(o) === chosen ? "strong" : o.refused ? "faint" : undefined}>{name(o)}</span> },
          { id: "amount", label: "Price", align: "right", render: (o) => (priced(o) ? <Money amount={o.amount} currency={o.currency} /> : <span className="faint">–</span>) },
          { id: "late_cost", label: "Late", align: "right", render: (o) => (o.late_ppm === null ? <span className="faint">not known</span> : <span className="nowrap">{share(o.late_ppm)}: <Money amount={o.late_cost} currency={o.currency} /></span>) },
          { id: "loss_cost", label: "Lost", align: "right", render: (o) => (o.lost_ppm === null ? <span className="faint">–</span> : <span className="nowrap">{share(o.lost_ppm)}: <Money amount={o.loss_cost} currency={o.currency} /></span>) },
          { id: "carbon_cost", label: "CO2e", align: "right", render: (o) => (o.co2_grams === null || o.co2_grams === undefined ? <span className="faint">–</span> : <span className="nowrap">{kilos(o.co2_grams)}: <Money amount={o.carbon_cost ?? 0} currency={o.currency} /></span>) },
          { id: "expected", label: "Expected cost", align: "right", render: (o) => (priced(o) ? <Money amount={o.expected} currency={o.currency} strong={name(o) === chosen} /> : <span className="faint">–</span>) },
          { id: "promises", label: "Comes, days", align: "right", render: (o) => (o.promises ? <span title="Kept in 50, 80, 90 and 95 of 100">{o.promises.join(", ")} of {o.due_days}</span> : `${o.transit_days} quoted`) },
          {
            id: "refused", label: "", grow: true,
            render: (o) =>
              name(o) === chosen ? <Chip state="chosen" tone="ok" /> : o.refused ? <span className="small"><Chip state={o.refused_by ?? "left out"} tone="mute" label={BY[o.refused_by ?? ""] ?? "Left out"} /> {o.refused}</span> : o.preferred ? <Chip state="preferred" tone="info" /> : null,
          },
        ]}
      />
    </Scrolls>
  );
}
