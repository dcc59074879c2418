import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { useNotify } from "ra-core";
import { useMemo } from "react";
import { FormProvider, useForm, useWatch } from "react-hook-form";
import { useNavigate, useSearchParams } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { Problem } from "@/api/problem";
import { useWrite } from "@/api/write";
import { NumberIn, SelectIn, TextIn } from "@/parts/fields";
import { Money } from "@/parts/Money";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Empty, Loaded, ProblemNote } from "@/parts/states";
import { wantedBody, wantedValues, type Wanted } from "./form";
import { REASONS, returnHref, TOUCHES } from "./return";

type Returnable = Shape<"Returnable">;
type Values = { wanted: Wanted; note: string; exception: string; refund_to: "original" | "store_credit" };
const TO = [{ value: "original", label: "The way it was paid" }, { value: "store_credit", label: "Store credit of the customer" }];
const CHOICES = Object.entries(REASONS).map(([value, label]) => ({ value, label }));

/** What somebody wants to give back of an order; what it comes to stands beside it before anything is asked for. */
export function NewReturn() {
  const [query] = useSearchParams();
  const order = query.get("order") ?? "";
  const asked = useQuery({
    queryKey: ["returns", "returnable", order],
    enabled: order !== "",
    queryFn: () => answer(api.GET("/api/v1/orders/{order}/returnable", { params: { path: { order } } })),
  });
  const crumbs = [{ label: "Returns", to: "/returns" }, { label: asked.data ? `Order ${asked.data.number}` : "Order", to: `/orders/${order}` }];
  return (
    <Page title="Return goods" crumbs={crumbs}>
      {order === "" ? <Card><Empty title="Of which order?">Returns begin on the page of their order.</Empty></Card> : (
        <Loaded query={asked}>{(of) => <Form of={of} />}</Loaded>
      )}
    </Page>
  );
}

function Form({ of }: { of: Returnable }) {
  const navigate = useNavigate();
  const notify = useNotify();
  const lines = of.lines.filter((l) => l.returnable > 0);
  const form = useForm<Values>({ defaultValues: { wanted: wantedValues(lines), note: "", exception: "", refund_to: "original" } });
  const request = useWrite(
    (body: Shape<"NewReturn">, once) => answer(api.POST("/api/v1/returns", { body, ...once })),
    {
      touches: TOUCHES,
      done: (made) => {
        notify(made.status === "approved" ? `${made.number} is approved by the policy.` : `${made.number} waits for a decision.`);
        void navigate(returnHref(made.id));
      },
    },
  );
  const submit = form.handleSubmit(({ wanted, note, exception, refund_to }) => {
    request.mutate({
      order: of.order_id,
      lines: wantedBody(wanted, lines),
      note: note.trim() || null,
      exception: exception.trim() || null,
      refund_to,
    });
  });
  const against = request.error instanceof Problem && request.error.code === "against_policy";
  return (
    <FormProvider {...form}>
      <form noValidate onSubmit={(event) => void submit(event)}>
        <Columns
          main={
            <Card title="What comes back" count={lines.length}>
              <div className="stack">
                {lines.length === 0 && <Empty title="Nothing of it can come back">Nothing has left, or all of it is on returns already.</Empty>}
                {lines.map((l) => (
                  <div key={l.line_no} className="stack tight" role="group" aria-label={l.title}>
                    <div>
                      <span className="strong">{l.title}</span> <span className="faint small mono">{l.sku}</span>
                      <p className="faint small">{l.returnable} of {l.shipped} that were sent</p>
                    </div>
                    <div className="form-grid">
                      <NumberIn name={`wanted.l${l.line_no}.units`} label="Units" min={0} max={l.returnable} />
                      <SelectIn name={`wanted.l${l.line_no}.reason`} label="Reason" choices={CHOICES} />
                      <TextIn name={`wanted.l${l.line_no}.remark`} label="In their words" />
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
                <TextIn name="exception" label="Why in spite of the policy" help="Only where it refuses; a person decides then." />
                <ProblemNote problem={request.error}>{against && <p className="quiet">Say why above to let it in all the same.</p>}</ProblemNote>
                <Button type="submit" variant="contained" color="primary" loading={request.isPending} disabled={lines.length === 0}>
                  Ask for the return
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
  const wanted = useWatch<Values, "wanted">({ name: "wanted" });
  const body = useMemo(() => wantedBody(wanted, lines), [wanted, lines]);
  const sums = JSON.stringify(body.map(({ line_no, quantity, reason }) => [line_no, quantity, reason]));
  const told = useQuery({
    queryKey: ["returns", "preview", of.order_id, sums],
    enabled: body.length > 0,
    retry: false,
    placeholderData: (before: Shape<"ReturnPreview"> | undefined) => before,
    queryFn: () => answer(api.POST("/api/v1/returns/preview", { body: { order: of.order_id, lines: body } })),
  });
  if (body.length === 0) return <p className="quiet">Say how many units come back.</p>;
  return <Loaded query={told}>{(preview) => <PreviewOf preview={preview} />}</Loaded>;
}

export function PreviewOf({ preview: p }: { preview: Shape<"ReturnPreview"> }) {
  const money = (amount: number, strong = false) => <Money amount={amount} currency={p.currency} strong={strong} />;
  return (
    <div className="stack">
      {p.lines.map((l) => (
        <div key={l.line_no}>
          <div className="row apart">
            <span>{l.quantity} × {l.title}</span>
            {money(l.paid)}
          </div>
          {l.fee > 0 && <div className="row apart faint small"><span>Fee</span>{money(-l.fee)}</div>}
          <p className={l.allowed ? "faint small" : "minus small"}>{l.why}</p>
        </div>
      ))}
      <Facts
        facts={[
          ["Shipping's share", p.shipping ? money(p.shipping) : null],
          ["Tax in it", p.tax ? money(p.tax) : null],
          ["Given back", money(p.total, true)],
          ["On top as store credit", p.bonus ? money(p.bonus) : null],
          ["Label", p.label ? money(-p.label) : null],
          ["Left on its payments", p.refundable < p.total && !p.by_hand ? <span key="left" className="minus">{money(p.refundable)}</span> : null],
          ["Label paid by", p.label_paid_by === "shop" ? "The shop" : "The customer"],
        ]}
      />
      {p.by_hand && <p className="minus">This order was brought in from another system, and so was its payment: give the money back by hand, and close the return with how it went.</p>}
      {p.keep_why && <p className="quiet"><span className="strong">The customer keeps the goods.</span> {p.keep_why}</p>}
      {p.review && <p className="minus">A person looks first: {p.review}</p>}
      {p.approved_at_once && <p className="quiet">The policy approves it at once.</p>}
    </div>
  );
}
