import Button from "@mui/material/Button";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { Money } from "@/parts/Money";
import { Card } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { Scrolls } from "@/parts/Scrolls";
import { Empty, ProblemNote } from "@/parts/states";
import { When } from "@/parts/When";
import { choiceHref, kilos, share, thousandths } from "./carrier";
import type { Rule } from "./rules";

export type Tried = Shape<"CarrierRulesTried">;
type Asked = Shape<"TryCarrierRulesBody">;
type Totals = Tried["now"];

const COUNTS = ["50", "200", "500", "1000"];
const SHOWN = 100;

const useTrial = () => useMutation({ mutationFn: (body: Asked) => answer(api.POST("/api/v1/carrier-rule-sets/try", { body })) });

/** Rules over the last parcels, beside those in force. Nothing changes. */
export function Trial({ rules }: { rules: Rule[] }) {
  const [count, setCount] = useState("200");
  const tried = useTrial();
  return (
    <Card
      title="Try them on past parcels"
      action={
        <span className="row">
          <TextField select size="small" value={count} onChange={(event) => setCount(event.target.value)} slotProps={{ select: { SelectDisplayProps: { "aria-label": "How many parcels" } } }}>
            {COUNTS.map((n) => (
              <MenuItem key={n} value={n}>{n} parcels</MenuItem>
            ))}
          </TextField>
          <Button variant="outlined" loading={tried.isPending} onClick={() => tried.mutate({ rules, parcels: Number(count) })}>Try it</Button>
        </span>
      }
    >
      <ProblemNote problem={tried.error} />
      {tried.data ? <Result of={tried.data} /> : !tried.error && <Empty title="Nothing tried yet">Each parcel is looked at with the offers as they were then. Nothing changes.</Empty>}
    </Card>
  );
}

/** A policy over the last parcels, in the dialog that edits it. */
export function PolicyTrial({ policy }: { policy: Asked["policy"] }) {
  const tried = useTrial();
  return (
    <div className="stack">
      <Button variant="outlined" loading={tried.isPending} onClick={() => tried.mutate({ policy, parcels: 500 })}>Try it on the last 500 parcels</Button>
      <ProblemNote problem={tried.error} />
      {tried.data && (
        <p role="status">
          <span className="strong">{tried.data.says}</span>{" "}
          <span className="quiet">{tried.data.changed} of {tried.data.rows.length} parcels would have gone with another service.</span>
        </p>
      )}
    </div>
  );
}

function Result({ of: tried }: { of: Tried }) {
  const changed = tried.rows.filter((row) => row.changed);
  return (
    <div className="stack">
      <p role="status">
        <span className="strong">{tried.says}</span>{" "}
        <span className="quiet">
          {tried.changed} of {tried.rows.length} parcels would have gone with another service than {tried.in_force ? `by version ${tried.in_force}` : "without rules"}.
          {tried.left_out > 0 && ` ${tried.left_out} more were chosen in another currency, or before what rules ask was kept.`}
        </span>
      </p>
      <Rows
        rows={lines(tried)}
        keyOf={(line) => line.what}
        columns={[
          { id: "what", label: "", grow: true, render: (line) => line.what },
          { id: "now", label: "In force", align: "right", render: (line) => line.now },
          { id: "tried", label: "Tried", align: "right", render: (line) => line.tried },
        ]}
      />
      {changed.length === 0 ? (
        <Empty title="No parcel would have gone otherwise" />
      ) : (
        <Scrolls name="Parcels that would have gone otherwise">
          <Rows
            rows={changed.slice(0, SHOWN)}
            keyOf={(row) => row.choice_id}
            columns={[
              { id: "at", label: "Chosen", render: (row) => <Link className="link" to={choiceHref(row.choice_id)}><When at={row.at} /></Link> },
              { id: "country", label: "To", render: (row) => row.country },
              { id: "now", label: "In force", render: (row) => <Taken of={row.now} currency={tried.currency} /> },
              { id: "tried", label: "Tried", render: (row) => <Taken of={row.tried} currency={tried.currency} /> },
              { id: "changed", label: "Why", grow: true, render: (row) => <span className="quiet small">{row.tried.why}</span> },
            ]}
          />
        </Scrolls>
      )}
      {changed.length > SHOWN && <p className="quiet small">The newest {SHOWN} of {changed.length}.</p>}
    </div>
  );
}

function Taken({ of: offer, currency }: { of: Tried["rows"][number]["now"]; currency: string }) {
  if (!offer.service) return <span className="bad">none</span>;
  return (
    <span className="nowrap">
      {offer.service} <Money amount={offer.amount} currency={currency} /> <span className="faint small">{share(offer.late_ppm)} late</span>
    </span>
  );
}

type Line = { what: string; now: React.ReactNode; tried: React.ReactNode };

function lines({ now, tried, currency }: Tried): Line[] {
  const of = (what: string, pick: (side: Totals) => React.ReactNode): Line => ({ what, now: pick(now), tried: pick(tried) });
  const services = [...new Set([...now.by_service, ...tried.by_service].map((s) => s.service))].sort();
  return [
    of("Price of all parcels", (s) => <Money amount={s.amount} currency={currency} />),
    of("Expected cost, with lateness, loss and carbon", (s) => <Money amount={s.expected} currency={currency} />),
    of("Expected on time", (s) => (s.foreseen ? `${thousandths(s.on_time_milli)} of ${s.foreseen}` : "–")),
    of("CO2e", (s) => (s.measured ? kilos(s.co2_grams) : "–")),
    of("Parcels that nothing may take", (s) => s.without),
    ...services.map((name) => of(name, (s) => s.by_service.find((one) => one.service === name)?.parcels ?? 0)),
  ];
}
