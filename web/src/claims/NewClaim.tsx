import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { useNotify } from "ra-core";
import { useMemo } from "react";
import { FormProvider, useForm, useWatch } from "react-hook-form";
import { useNavigate, useSearchParams } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { NumberIn, SelectIn, TextIn } from "@/parts/fields";
import { Money } from "@/parts/Money";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Empty, Loaded, ProblemNote } from "@/parts/states";
import { claimHref, TOUCHES, WRONG, wrongBody, wrongValues, type WrongTyped } from "./claim";

type Returnable = Shape<"Returnable">;
type Values = { wrong: WrongTyped; note: string; refund_to: "original" | "store_credit" };
const CHOICES = Object.entries(WRONG).map(([value, label]) => ({ value, label }));
const TO = [{ value: "original", label: "The way it was paid" }, { value: "store_credit", label: "Store credit of the customer" }];

/** What a customer complains of; what it comes to stands beside it before anything is asked for. */
export function NewClaim() {
  const [query] = useSearchParams();
  const order = query.get("order") ?? "";
  const asked = useQuery({
    queryKey: ["returns", "returnable", order],
    enabled: order !== "",
    queryFn: () => answer(api.GET("/api/v1/orders/{order}/returnable", { params: { path: { order } } })),
  });
  const crumbs = [{ label: "Claims", to: "/claims" }, { label: asked.data ? `Order ${asked.data.number}` : "Order", to: `/orders/${order}` }];
  return (
    <Page title="Open a claim" crumbs={crumbs}>
      {order === "" ? <Card><Empty title="Of which order?">Claims begin on the page of their order.</Empty></Card> : (
        <Loaded query={asked}>{(of) => <Form of={of} />}</Loaded>
      )}
    </Page>
  );
}

function Form({ of }: { of: Returnable }) {
  const navigate = useNavigate();
  const notify = useNotify();
  const lines = of.lines.filter((l) => l.returnable > 0);
  const form = useForm<Values>({ defaultValues: { wrong: wrongValues(lines), note: "", refund_to: "original" } });
  const open = useWrite(
    (body: Shape<"NewClaim">, once) => answer(api.POST("/api/v1/claims", { body, ...once })),
    {
      touches: TOUCHES,
      done: (made) => {
        notify(`${made.number} waits for a decision. Photos can be added to it.`);
        void navigate(claimHref(made.id));
      },
    },
  );
  const submit = form.handleSubmit(({ wrong, note, refund_to }) => {
    open.mutate({ order: of.order_id, lines: wrongBody(wrong, lines), note: note.trim() || null, refund_to });
  });
  return (
    <FormProvider {...form}>
      <form noValidate onSubmit={(event) => void submit(event)}>
        <Columns
          main={
            <Card title="What is wrong" count={lines.length}>
              <div className="stack">
                {lines.length === 0 && <Empty title="Nothing of it can be claimed">Nothing has left, or all of it is on returns and claims already.</Empty>}
                {lines.map((l) => (
                  <div key={l.line_no} className="stack tight" role="group" aria-label={l.title}>
                    <div>
                      <span className="strong">{l.title}</span> <span className="faint small mono">{l.sku}</span>
                      <p className="faint small">{l.returnable} of {l.shipped} that were sent</p>
                    </div>
                    <div className="form-grid">
                      <NumberIn name={`wrong.l${l.line_no}.units`} label="Units" min={0} max={l.returnable} />
                      <NumberIn name={`wrong.l${l.line_no}.replace`} label="Sent once more" min={0} max={l.returnable} />
                      <SelectIn name={`wrong.l${l.line_no}.reason`} label="What is wrong" choices={CHOICES} />
                      <TextIn name={`wrong.l${l.line_no}.remark`} label="In their words" />
                    </div>
                  </div>
                ))}
                <TextIn name="note" label="Note" rows={2} />
              </div>
            </Card>
          }
          side={
            <Card title="What it comes to">
              <div className="stack">
                <Preview of={of} lines={lines} />
                <SelectIn name="refund_to" label="Money goes" choices={TO} />
                <ProblemNote problem={open.error} />
                <Button type="submit" variant="contained" color="primary" loading={open.isPending} disabled={lines.length === 0}>
                  Open the claim
                </Button>
              </div>
            </Card>
          }
        />
      </form>
    </FormProvider>
  );
}

function Preview({ of, lines }: { of: Returnable; lines: Returnable["lines"] }) {
  const wrong = useWatch<Values, "wrong">({ name: "wrong" });
  const body = useMemo(() => wrongBody(wrong, lines), [wrong, lines]);
  const told = useQuery({
    queryKey: ["claims", "preview", of.order_id, JSON.stringify(body)],
    enabled: body.length > 0,
    retry: false,
    placeholderData: (before: Shape<"ClaimPreview"> | undefined) => before,
    queryFn: () => answer(api.POST("/api/v1/claims/preview", { body: { order: of.order_id, lines: body } })),
  });
  if (body.length === 0) return <p className="quiet">Say how many units something is wrong with.</p>;
  return <Loaded query={told}>{(preview) => <PreviewOf preview={preview} />}</Loaded>;
}

export function PreviewOf({ preview: p }: { preview: Shape<"ClaimPreview"> }) {
  const money = (amount: number, strong = false) => <Money amount={amount} currency={p.currency} strong={strong} />;
  return (
    <div className="stack">
      {p.lines.map((l) => (
        <div key={l.line_no}>
          {l.quantity > l.replace && <div className="row apart"><span>{l.quantity - l.replace} × {l.title} paid back</span>{money(l.refund)}</div>}
          {l.replace > 0 && <div className="row apart"><span>{l.replace} × {l.title} sent once more</span><span className="faint">worth {money(l.replacement)}</span></div>}
        </div>
      ))}
      <Facts
        facts={[
          ["Shipping's share", p.shipping ? money(p.shipping) : null],
          ["Given back", money(p.refund, true)],
          ["Left on its payments", p.refundable < p.refund + p.replacement ? <span key="left" className="minus">{money(p.refundable)}</span> : null],
        ]}
      />
    </div>
  );
}
