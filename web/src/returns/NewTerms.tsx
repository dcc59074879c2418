import Button from "@mui/material/Button";
import IconButton from "@mui/material/IconButton";
import { useQuery } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, Plus, X } from "lucide-react";
import { useNotify } from "ra-core";
import { FormProvider, useFieldArray, useForm, type FieldValues } from "react-hook-form";
import { useNavigate } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { markFields } from "@/parts/Ask";
import { PercentIn, SelectIn, TextIn } from "@/parts/fields";
import { Card, Columns, Page } from "@/parts/Page";
import { useCan } from "@/parts/scopes";
import { Loaded, ProblemNote } from "@/parts/states";
import { CHOICES, GRADES } from "./return";
import { NEW_TERM, termsBody, termsValues, type TermsValues } from "./terms";

const CRUMBS = [{ label: "Returns", to: "/returns" }, { label: "Terms", to: "/returns/terms" }];
const GRADED = (["sellable", "damaged", "not_as_described"] as const).map((value) => ({ value, label: GRADES[value] }));
const BECOMES = Object.entries(CHOICES).map(([value, label]) => ({ value, label }));

/** The next version, begun from the one in force. */
export function NewTerms() {
  const last = useQuery({
    queryKey: ["disposition-terms", "last"],
    queryFn: async () => {
      const { data } = await answer(api.GET("/api/v1/disposition-terms", { params: { query: { limit: 1, sort: "-version" } } }));
      return answer(api.GET("/api/v1/disposition-terms/{version}", { params: { path: { version: data[0]?.version ?? 0 } } }));
    },
  });
  return (
    <Page title="New version of the terms" crumbs={CRUMBS} about="A unit brings its price × the share × the chance, less what work and freight cost. For each choice the first line that fits counts.">
      <Loaded query={last}>{(terms) => <Form values={termsValues(terms)} />}</Loaded>
    </Page>
  );
}

function Form({ values }: { values: TermsValues }) {
  const navigate = useNavigate();
  const notify = useNotify();
  const may = useCan()("write_settings");
  const form = useForm<TermsValues>({ defaultValues: values });
  const add = useWrite((body: Shape<"NewDispositionTerms">, once) => answer(api.POST("/api/v1/disposition-terms", { body, ...once })), {
    touches: ["disposition-terms"],
    done: (made) => {
      notify(`Version ${made.version} is in force.`);
      void navigate(`/returns/terms/${made.version}`);
    },
  });
  const submit = form.handleSubmit((entered) => {
    const body = termsBody(entered);
    if (body === null) form.setError("root", { message: "A rate or an amount is no number, or an amount has no currency." });
    else add.mutate(body, { onError: (error: Error) => markFields<FieldValues>(error, (name, said) => form.setError(name as "note", said)) });
  });
  return (
    <FormProvider {...form}>
      <form noValidate onSubmit={(event) => { form.clearErrors(); void submit(event); }}>
        <Columns
          main={<Terms />}
          side={
            <Card title="Use it">
              <div className="stack">
                <TextIn name="vendors" label="Suppliers that take units back" help="Their codes, with commas between" />
                <TextIn name="note" label="What changes, for colleagues" rows={2} />
                {form.formState.errors.root && <p className="minus" role="alert">{form.formState.errors.root.message}</p>}
                <ProblemNote problem={add.error} />
                <Button type="submit" variant="contained" color="primary" loading={add.isPending} disabled={!may}>
                  Put it in force
                </Button>
                {!may && <p className="quiet small">A new version needs the right to change settings.</p>}
              </div>
            </Card>
          }
        />
      </form>
    </FormProvider>
  );
}

function Terms() {
  const { fields, append, remove, swap } = useFieldArray<TermsValues, "rules">({ name: "rules" });
  return (
    <>
      {fields.map((rule, at) => (
        <Card
          key={rule.id}
          title={`Line ${at + 1}`}
          action={
            <span className="row">
              <IconButton aria-label={`Move line ${at + 1} up`} disabled={at === 0} onClick={() => swap(at, at - 1)}><ArrowUp size={14} /></IconButton>
              <IconButton aria-label={`Move line ${at + 1} down`} disabled={at === fields.length - 1} onClick={() => swap(at, at + 1)}><ArrowDown size={14} /></IconButton>
              <IconButton aria-label={`Remove line ${at + 1}`} disabled={fields.length === 1} onClick={() => remove(at)}><X size={14} /></IconButton>
            </span>
          }
        >
          <div className="stack" role="group" aria-label={`Line ${at + 1}`}>
            <div className="form-grid">
              <SelectIn name={`rules.${at}.grade`} label="Graded" choices={GRADED} />
              <SelectIn name={`rules.${at}.choice`} label="Becomes" choices={BECOMES} />
              <TextIn name={`rules.${at}.category`} label="Category" help="Empty: any" />
              <TextIn name={`rules.${at}.currency`} label="Currency" help="Empty: any" />
            </div>
            <div className="form-grid">
              <PercentIn name={`rules.${at}.share`} label="Of its price" />
              <PercentIn name={`rules.${at}.chance`} label="Chance" />
              <PercentIn name={`rules.${at}.cost`} label="Work, of its price" />
              <TextIn name={`rules.${at}.cost_amount`} label="And for each unit" />
              <TextIn name={`rules.${at}.freight`} label="Freight of a unit" />
            </div>
          </div>
        </Card>
      ))}
      <div>
        <Button startIcon={<Plus size={14} />} onClick={() => append(NEW_TERM, { shouldFocus: false })}>
          Add a line
        </Button>
      </div>
    </>
  );
}
