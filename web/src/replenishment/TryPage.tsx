import Button from "@mui/material/Button";
import { useState, type ReactNode } from "react";
import { FormProvider, useForm, type FieldValues } from "react-hook-form";
import { useWrite, type Once } from "@/api/write";
import { markFields } from "@/parts/Ask";
import { SelectIn } from "@/parts/fields";
import { Card, Columns, Page } from "@/parts/Page";
import { useCan } from "@/parts/scopes";
import { Empty, ProblemNote } from "@/parts/states";
import { Replayed } from "./Replayed";
import { DAYS, type Replay } from "./replays";

type Tried<Body> = { body: Body; days: number };
type Props<Values extends FieldValues, Body> = {
  title: string;
  crumbs: { label: string; to: string }[];
  values: Values;
  /** What is tried, from what was entered; null when it is not yet right. */
  bodyOf: (values: Values) => Body | null;
  replay: (tried: Tried<Body>, once: Once) => Promise<Replay>;
  /** The dialog that switches on what was tried. */
  use: (body: Body, close: () => void) => ReactNode;
  children: ReactNode;
};

/** A policy over the past, beside the one that holds, before it is switched on. */
export function TryPage<Values extends FieldValues, Body>({ title, crumbs, values, bodyOf, replay, use, children }: Props<Values, Body>) {
  const may = useCan()("write_purchasing");
  const form = useForm<FieldValues>({ defaultValues: { ...values, days: "180" } });
  const [isUsing, setUsing] = useState(false);
  const tried = useWrite(replay);
  const submit = form.handleSubmit((entered) => {
    const body = bodyOf(entered as Values);
    if (body !== null) tried.mutate({ body, days: Number(entered.days) }, { onError: (error) => markFields(error, form.setError) });
  });
  const asked = tried.variables;
  return (
    <Page
      title={title}
      crumbs={crumbs}
      about="Runs it over demand that really was, beside what holds now. Nothing changes until you use it."
      actions={
        may && tried.data && asked && (
          <Button variant="contained" onClick={() => setUsing(true)}>
            Use this policy
          </Button>
        )
      }
    >
      <Columns
        main={
          <>
            <ProblemNote problem={tried.error} />
            {tried.data ? <Replayed of={tried.data} /> : !tried.error && <Card><Empty title="Nothing tried yet">Choose a policy and how many days to look back.</Empty></Card>}
          </>
        }
        side={
          <Card title="What to try">
            <FormProvider {...form}>
              <form
                className="stack"
                noValidate
                onSubmit={(event) => {
                  form.clearErrors();
                  void submit(event);
                }}
              >
                {children}
                <SelectIn name="days" label="Over the last" choices={DAYS} required />
                <Button type="submit" variant={tried.data ? "outlined" : "contained"} loading={tried.isPending} disabled={!may}>
                  Try it
                </Button>
                {!may && <p className="quiet small">Trying a policy needs the right to change purchasing.</p>}
              </form>
            </FormProvider>
          </Card>
        }
      />
      {isUsing && asked && use(asked.body, () => setUsing(false))}
    </Page>
  );
}
