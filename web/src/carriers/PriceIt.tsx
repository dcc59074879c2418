import Button from "@mui/material/Button";
import Checkbox from "@mui/material/Checkbox";
import FormControlLabel from "@mui/material/FormControlLabel";
import TextField from "@mui/material/TextField";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { Money } from "@/parts/Money";
import { Card } from "@/parts/Page";
import { ProblemNote } from "@/parts/states";

const FIELDS = [
  ["weight_grams", "Weight, g"], ["country", "Country"], ["postcode", "Postcode"], ["origin", "From node"],
  ["length_mm", "Length, mm"], ["width_mm", "Width, mm"], ["height_mm", "Height, mm"], ["on", "On day"],
] as const;

type Typed = Record<(typeof FIELDS)[number][0], string>;

const FIRST: Typed = { weight_grams: "1000", country: "DE", postcode: "", origin: "", length_mm: "", width_mm: "", height_mm: "", on: "" };

/** What a parcel that does not exist would cost, part by part. */
export function PriceIt({ card }: { card: string | null }) {
  const [typed, setTyped] = useState(FIRST);
  const [residential, setResidential] = useState(true);
  const price = useMutation({ mutationFn: (body: Shape<"PriceBody">) => answer(api.POST("/api/v1/rate-cards/price", { body })) });
  const ask = () =>
    price.mutate({
      weight_grams: Number(typed.weight_grams), country: typed.country.trim().toUpperCase() || "*", postcode: typed.postcode, origin: typed.origin, residential,
      length_mm: Number(typed.length_mm) || 0, width_mm: Number(typed.width_mm) || 0, height_mm: Number(typed.height_mm) || 0, on: typed.on || null, card,
    });
  return (
    <Card title="What would it cost">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          ask();
        }}
      >
        <div className="rule-fields">
          {FIELDS.map(([name, label]) => (
            <TextField key={name} label={label} value={typed[name]} placeholder={name === "on" ? "2026-11-27" : undefined} onChange={(event) => setTyped({ ...typed, [name]: event.target.value })} />
          ))}
        </div>
        <FormControlLabel control={<Checkbox checked={residential} onChange={(event) => setResidential(event.target.checked)} />} label="To a home" />
        <Button type="submit" variant="outlined" loading={price.isPending}>{card ? "Price it by this version" : "Price it by all cards"}</Button>
        <ProblemNote problem={price.error} />
        <div aria-live="polite">
          {price.data?.offers.map((offer) => (
            <div key={offer.rate_card_id} className="stack tight">
              <p className="strong">
                {offer.carrier} {offer.service}: {offer.amount > 0 || !offer.refused ? <Money amount={offer.amount} currency={offer.currency} strong /> : offer.refused}
              </p>
              {offer.refused && offer.amount > 0 && <p className="bad small">{offer.refused}</p>}
              {offer.parts.map((part) => (
                <p key={part.kind} className="row apart small quiet">
                  <span>{part.kind.replaceAll("_", " ")}: {part.why}</span>
                  <Money amount={part.amount} currency={offer.currency} />
                </p>
              ))}
            </div>
          ))}
          {price.data?.offers.length === 0 && <p className="quiet">No card is valid.</p>}
        </div>
      </form>
    </Card>
  );
}
