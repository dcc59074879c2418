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
import { words } from "@/parts/Chip";
import { NumberIn, PercentIn, SelectIn, TextIn, YesNo } from "@/parts/fields";
import { moneyText } from "@/parts/Money";
import { Card, Columns, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { useCan } from "@/parts/scopes";
import { Empty, Loaded, ProblemNote } from "@/parts/states";
import { NEW_RULE, policyRules, policyValues, type PolicyValues } from "./policy";
import { REASONS } from "./return";
import { Changes } from "./PolicyChanges";

const CRUMBS = [{ label: "Returns", to: "/returns" }, { label: "Policy", to: "/returns/policies" }];
const ANY = { value: "", label: "Any" };
const CLASSES = [ANY, ...["standard", "priority", "wholesale"].map((value) => ({ value, label: words(value) }))];
const WHY = [ANY, ...Object.entries(REASONS).map(([value, label]) => ({ value, label }))];
const PAYERS = [{ value: "", label: "The shop where it is at fault" }, { value: "shop", label: "The shop, always" }, { value: "customer", label: "The customer, but for our faults" }];
const WHEN = [{ value: "receipt", label: "When the goods are here" }, { value: "handover", label: "When a carrier has scanned it" }, { value: "approval", label: "When it is approved" }];

/** The next version, begun from the one before it. */
export function NewPolicy() {
  const last = useQuery({
    queryKey: ["return-policies", "last"],
    queryFn: () => answer(api.GET("/api/v1/return-policies", { params: { query: { limit: 1, sort: "-version", expand: "rules" } } })),
  });
  return (
    <Page title="New version of the return policy" crumbs={CRUMBS} about="The first rule that fits a line decides. It is for orders from now on; those placed before keep theirs.">
      <Loaded query={last}>{({ data }) => <Form values={policyValues(data[0]?.rules)} />}</Loaded>
    </Page>
  );
}

type Values = PolicyValues & { tried_for: string };

function Form({ values }: { values: PolicyValues }) {
  const navigate = useNavigate();
  const notify = useNotify();
  const may = useCan()("write_settings");
  const form = useForm<Values>({ defaultValues: { ...values, tried_for: "changed_mind" } });
  const trial = useWrite((body: Shape<"PolicyTrial">, once) => answer(api.POST("/api/v1/return-policies/try", { body, ...once })));
  const add = useWrite((body: Shape<"NewReturnPolicy">, once) => answer(api.POST("/api/v1/return-policies", { body, ...once })), {
    touches: ["return-policies", "returns"],
    done: (made) => {
      notify(`Version ${made.version} is in force.`);
      void navigate(`/returns/policies/${made.version}`);
    },
  });
  const asked = (use: (rules: Shape<"PolicyRule">[], note: string) => void) =>
    form.handleSubmit((entered) => {
      const rules = policyRules(entered);
      if (rules === null) form.setError("root", { message: "A rate or an amount is no number, or an amount has no currency." });
      else use(rules, entered.note.trim());
    });
  const marks = { onError: (error: Error) => markFields<FieldValues>(error, (name, said) => form.setError(name as "note", said)) };
  return (
    <FormProvider {...form}>
      <form noValidate onSubmit={(event) => { form.clearErrors(); void asked((rules, note) => add.mutate({ rules, note: note || null }, marks))(event); }}>
        <Columns
          main={
            <>
              <Rules />
              <Card title="Tried on the last hundred orders">
                {trial.data ? <Tried of={trial.data} /> : <Empty title="Not tried yet">As if all that was sent came back today, for the reason chosen beside.</Empty>}
              </Card>
              {trial.data && <Changes of={trial.data} />}
            </>
          }
          side={
            <Card title="Use it">
              <div className="stack">
                <TextIn name="note" label="What changes, for colleagues" rows={2} />
                <SelectIn name="tried_for" label="Tried as if it came back because" choices={WHY.slice(1)} />
                {form.formState.errors.root && <p className="minus" role="alert">{form.formState.errors.root.message}</p>}
                <ProblemNote problem={add.error ?? trial.error} />
                <Button loading={trial.isPending} disabled={!may} onClick={() => { form.clearErrors(); void asked((rules) => trial.mutate({ rules, orders: 100, reason: form.getValues("tried_for") as Shape<"PolicyTrial">["reason"] }, marks))(); }}>
                  Try it
                </Button>
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

function Rules() {
  const { fields, append, remove, swap } = useFieldArray<PolicyValues, "rules">({ name: "rules" });
  return (
    <>
      {fields.map((rule, at) => (
        <Card
          key={rule.id}
          title={`Rule ${at + 1}`}
          action={
            <span className="row">
              <IconButton aria-label={`Move rule ${at + 1} up`} disabled={at === 0} onClick={() => swap(at, at - 1)}><ArrowUp size={14} /></IconButton>
              <IconButton aria-label={`Move rule ${at + 1} down`} disabled={at === fields.length - 1} onClick={() => swap(at, at + 1)}><ArrowDown size={14} /></IconButton>
              <IconButton aria-label={`Remove rule ${at + 1}`} disabled={fields.length === 1} onClick={() => remove(at)}><X size={14} /></IconButton>
            </span>
          }
        >
          <div className="stack" role="group" aria-label={`Rule ${at + 1}`}>
            <div className="form-grid">
              <TextIn name={`rules.${at}.name`} label="Name" required />
              <TextIn name={`rules.${at}.category`} label="Category" help="Empty: any" placeholder="Home > Kitchen" />
              <TextIn name={`rules.${at}.channel`} label="Channel" help="Empty: any" />
              <TextIn name={`rules.${at}.country`} label="Country" help="Empty: any" />
              <SelectIn name={`rules.${at}.customer_class`} label="Customers" choices={CLASSES} />
              <SelectIn name={`rules.${at}.reason`} label="Reason" choices={WHY} />
            </div>
            <div className="form-grid">
              <NumberIn name={`rules.${at}.window_days`} label="Days from delivery" min={0} max={3650} help="Empty: without an end" />
              <PercentIn name={`rules.${at}.fee`} label="Fee" />
              <TextIn name={`rules.${at}.fee_amount`} label="And for each unit" />
              <TextIn name={`rules.${at}.fee_currency`} label="Currency of that" />
              <SelectIn name={`rules.${at}.refund_when`} label="Money goes back" choices={WHEN} />
              <SelectIn name={`rules.${at}.label_paid_by`} label="Our label is paid by" choices={PAYERS} />
            </div>
            <YesNo name={`rules.${at}.final_sale`} label="Final sale: nothing comes back" />
            <YesNo name={`rules.${at}.auto_approve`} label="Approved at once" />
            <YesNo name={`rules.${at}.refund_shipping`} label="The shipping's share goes back too" />
            <YesNo name={`rules.${at}.refund_unsellable`} label="Units that come back worn are paid for" />
            <YesNo name={`rules.${at}.instant_exchange`} label="In an exchange the new goods may leave first" />
            <div className="form-grid">
              <PercentIn name={`rules.${at}.bonus`} label="On top for store credit" />
              <TextIn name={`rules.${at}.keep_below`} label="Customer keeps up to" help="Empty: it comes back" />
              <TextIn name={`rules.${at}.carriage_amount`} label="A parcel back costs us" help="Goods that bring less stay" />
              <TextIn name={`rules.${at}.keep_currency`} label="Currency of these" />
            </div>
            <div className="form-grid">
              <NumberIn name={`rules.${at}.limit_returns`} label="Returns of a customer by rule" min={1} max={10000} help="Empty: as many as it takes" />
              <PercentIn name={`rules.${at}.limit_share`} label="Share of what they bought" help="Empty: any" />
              <NumberIn name={`rules.${at}.limit_days`} label="Counted over days" min={1} max={3650} help="Beyond it a person looks" />
            </div>
          </div>
        </Card>
      ))}
      <div>
        <Button startIcon={<Plus size={14} />} onClick={() => append(NEW_RULE, { shouldFocus: false })}>
          Add a rule
        </Button>
      </div>
    </>
  );
}

function Tried({ of }: { of: Shape<"ReturnPolicyTried"> }) {
  const fees = (fee: Record<string, number>) => Object.entries(fee).map(([currency, amount]) => moneyText(amount, currency)).join(", ");
  return (
    <div className="stack">
      <p className="quiet">{of.orders} orders that something was sent of.</p>
      <Rows
        rows={of.rules}
        keyOf={(r) => String(r.no)}
        columns={[
          { id: "name", label: "Rule", grow: true, render: (r) => `${r.no}. ${r.name}` },
          { id: "units", label: "Units", align: "right", render: (r) => r.units },
          { id: "returnable", label: "May come back", align: "right", render: (r) => r.returnable },
          { id: "at_once", label: "At once", align: "right", render: (r) => r.at_once },
          { id: "kept", label: "Stay", align: "right", render: (r) => r.kept },
          { id: "reviewed", label: "Over a limit", align: "right", render: (r) => r.reviewed },
          { id: "over", label: "Too late", align: "right", render: (r) => r.over },
          { id: "final", label: "Final sale", align: "right", render: (r) => r.final },
          { id: "fee", label: "Fees", align: "right", render: (r) => fees(r.fee) || <span className="faint">–</span> },
        ]}
      />
    </div>
  );
}
