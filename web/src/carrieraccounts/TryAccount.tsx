import Button from "@mui/material/Button";
import { Send } from "lucide-react";
import { FormProvider, useForm } from "react-hook-form";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { NumberIn, TextIn } from "@/parts/fields";
import { Money } from "@/parts/Money";
import { Card } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { useCan } from "@/parts/scopes";
import { Empty, ProblemNote } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { at, TOUCHES, type Account } from "./account";

type Rate = Shape<"TrialRate">;
type Values = { node: string; country: string; postcode: string; city: string; weight: string };

const COLUMNS: Column<Rate>[] = [
  { id: "service", label: "Service", grow: true, render: (r) => `${r.carrier} ${r.service}` },
  { id: "transit_days", label: "Days", align: "right", render: (r) => r.transit_days ?? <span className="faint">not said</span> },
  { id: "amount", label: "Price", align: "right", render: (r) => <Money amount={r.amount} currency={r.currency} /> },
];

/** A made-up parcel, and what the carrier says of it. */
export function TryAccount({ account }: { account: Account }) {
  const may = useCan()("write_shipping");
  const form = useForm<Values>({
    defaultValues: { node: account.nodes[0] ?? "", country: "DE", postcode: "10115", city: "Berlin", weight: "1000" },
  });
  const trial = useWrite(
    (body: Shape<"TrialBody">, once) => answer(api.POST("/api/v1/carrier-accounts/{code}/try", { ...at(account.code), body, ...once })),
    { touches: TOUCHES },
  );
  const submit = form.handleSubmit((v) =>
    trial.mutate({
      node: v.node.trim(), country: v.country.trim().toUpperCase(), postcode: v.postcode.trim(), city: v.city.trim(),
      weight_grams: Number(v.weight), region: "", line1: "", length_mm: 0, width_mm: 0, height_mm: 0,
    }),
  );
  return (
    <Card title="Try it">
      <div className="stack">
        <p className="quiet">A parcel that does not exist. Nothing is bought, and a failure is not held against the carrier.</p>
        <FormProvider {...form}>
          <form noValidate onSubmit={(event) => void submit(event)} className="stack">
            <div className="form-grid">
              <TextIn name="node" label="Sent from" required help="Code of a node" />
              <TextIn name="country" label="To, country" required placeholder="DE" />
              <TextIn name="postcode" label="Postcode" />
              <TextIn name="city" label="City" />
              <NumberIn name="weight" label="Weight, grams" min={1} max={1_000_000} required />
            </div>
            <div>
              <Button type="submit" variant="contained" startIcon={<Send size={14} />} loading={trial.isPending} disabled={!may}>
                Ask for rates
              </Button>
              {!may && <p className="quiet small">Asking needs the right to ship.</p>}
            </div>
          </form>
        </FormProvider>
        <ProblemNote problem={trial.error} />
        {trial.data && <Said trial={trial.data} />}
      </div>
    </Card>
  );
}

export function Said({ trial }: { trial: Shape<"CarrierTrial"> }) {
  if (!trial.answered_at) return <p role="status">It has not answered yet. Ask again in a moment.</p>;
  const took = trial.took_ms === null ? "" : ` in ${(trial.took_ms / 1000).toFixed(1)} s`;
  return (
    <div className="stack" role="status">
      {trial.error ? (
        <div className="problem">
          <p>{trial.error}</p>
        </div>
      ) : trial.rates.length > 0 ? (
        <>
          <p className="quiet">
            {trial.rates.length} offers{took}
          </p>
          <Rows rows={trial.rates} columns={COLUMNS} keyOf={(r) => `${r.carrier} ${r.service}`} />
        </>
      ) : (
        <Empty title={`It answered${took}, and takes no such parcel`} />
      )}
      {trial.messages.map((message) => (
        <p key={message} className="quiet">
          {message}
        </p>
      ))}
    </div>
  );
}
