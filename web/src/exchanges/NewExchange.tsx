import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useNotify } from "ra-core";
import { useMemo } from "react";
import { FormProvider, useFieldArray, useForm, useWatch } from "react-hook-form";
import { useNavigate, useSearchParams } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { MoneyIn, NumberIn, SelectIn, TextIn, YesNo } from "@/parts/fields";
import { decimal, minorUnits, Money } from "@/parts/Money";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Empty, Loaded, ProblemNote } from "@/parts/states";
import { wantedBody, wantedValues, type Wanted } from "@/returns/form";
import { REASONS } from "@/returns/return";
import { TENDERS } from "@/orders/tenders";
import { balanceText, exchangeHref, goodsBody, TOUCHES, type GoodsTyped } from "./exchange";

type Returnable = Shape<"Returnable">;
type Values = { wanted: Wanted; goods: GoodsTyped[]; shipping: string; instant: boolean; provider: string; token: string; note: string; exception: string };
const CARDS = TENDERS.filter(({ value }) => value === "stripe" || value === "test");
const CHOICES = Object.entries(REASONS).map(([value, label]) => ({ value, label }));

/** What comes back of an order and what goes out in its place; the balance stands beside it before anything is asked. */
export function NewExchange() {
  const [query] = useSearchParams();
  const order = query.get("order") ?? "";
  const asked = useQuery({
    queryKey: ["returns", "returnable", order],
    enabled: order !== "",
    queryFn: () => answer(api.GET("/api/v1/orders/{order}/returnable", { params: { path: { order } } })),
  });
  const crumbs = [{ label: "Exchanges", to: "/exchanges" }, { label: asked.data ? `Order ${asked.data.number}` : "Order", to: `/orders/${order}` }];
  return (
    <Page title="Exchange goods" crumbs={crumbs}>
      {order === "" ? <Card><Empty title="Of which order?">Exchanges begin on the page of their order.</Empty></Card> : (
        <Loaded query={asked}>{(of) => <Form of={of} />}</Loaded>
      )}
    </Page>
  );
}

function Form({ of }: { of: Returnable }) {
  const navigate = useNavigate();
  const notify = useNotify();
  const lines = of.lines.filter((l) => l.returnable > 0);
  const form = useForm<Values>({
    defaultValues: { wanted: wantedValues(lines), goods: [{ sku: "", units: "1", swap: "" }], shipping: "", instant: false, provider: "stripe", token: "", note: "", exception: "" },
  });
  const goods = useFieldArray({ control: form.control, name: "goods" });
  const swaps = [{ value: "", label: "At the catalogue's price" }, ...lines.map((l) => ({ value: String(l.line_no), label: `In place of ${l.title}, even` }))];
  const request = useWrite(
    (body: Shape<"NewExchange">, once) => answer(api.POST("/api/v1/exchanges", { body, ...once })),
    {
      touches: TOUCHES,
      done: (made) => {
        notify(made.status === "approved" ? `${made.number} is approved by the policy.` : `${made.number} waits for a decision.`);
        void navigate(exchangeHref(made.id));
      },
    },
  );
  const submit = form.handleSubmit((typed) => {
    const token = typed.token.trim();
    request.mutate({
      ...bodyOf(of, lines, typed),
      instant: typed.instant,
      provider: token ? typed.provider : null,
      token: token || null,
      note: typed.note.trim() || null,
      exception: typed.exception.trim() || null,
      refund_to: "original",
    });
  });
  return (
    <FormProvider {...form}>
      <form noValidate onSubmit={(event) => void submit(event)}>
        <Columns
          main={
            <>
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
                      </div>
                    </div>
                  ))}
                </div>
              </Card>
              <Card title="What goes out">
                <div className="stack">
                  {goods.fields.map((each, at) => (
                    <div key={each.id} className="form-grid" role="group" aria-label={`New goods ${at + 1}`}>
                      <TextIn name={`goods.${at}.sku`} label="SKU" mono />
                      <NumberIn name={`goods.${at}.units`} label="Units" min={1} />
                      <SelectIn name={`goods.${at}.swap`} label="Price" choices={swaps} />
                    </div>
                  ))}
                  <div className="row">
                    <Button startIcon={<Plus size={14} />} onClick={() => goods.append({ sku: "", units: "1", swap: "" })}>More goods</Button>
                  </div>
                  <MoneyIn name="shipping" label="Shipping of the new goods" currency={of.currency} />
                  <TextIn name="note" label="Note" rows={2} />
                </div>
              </Card>
            </>
          }
          side={
            <Card title="What it comes to">
              <div className="stack">
                <Preview of={of} lines={lines} />
                <YesNo name="instant" label="The new goods leave first" help="Where the policy allows it. What the old are worth is held on the card until they are here." />
                <SelectIn name="provider" label="What pays the difference" choices={CARDS} />
                <TextIn name="token" label="Its token" help="With the customer's consent. Without it the difference is asked for later." mono />
                <TextIn name="exception" label="Why in spite of the policy" help="Only where it refuses; a person decides then." />
                <ProblemNote problem={request.error} />
                <Button type="submit" variant="contained" color="primary" loading={request.isPending} disabled={lines.length === 0}>
                  Ask for the exchange
                </Button>
              </div>
            </Card>
          }
        />
      </form>
    </FormProvider>
  );
}

const bodyOf = (of: Returnable, lines: Returnable["lines"], typed: Pick<Values, "wanted" | "goods" | "shipping">): Shape<"ExchangeQuestion"> => ({
  order: of.order_id,
  lines: wantedBody(typed.wanted, lines),
  goods: goodsBody(typed.goods),
  shipping: minorUnits(typed.shipping.trim() || decimal(0, of.currency), of.currency) ?? 0,
});

function Preview({ of, lines }: { of: Returnable; lines: Returnable["lines"] }) {
  const [wanted, goods, shipping] = useWatch<Values, ["wanted", "goods", "shipping"]>({ name: ["wanted", "goods", "shipping"] });
  const body = useMemo(() => bodyOf(of, lines, { wanted, goods, shipping }), [of, lines, wanted, goods, shipping]);
  const told = useQuery({
    queryKey: ["exchanges", "preview", of.order_id, JSON.stringify(body)],
    enabled: body.lines.length > 0 && body.goods.length > 0,
    retry: false,
    placeholderData: (before: Shape<"ExchangePreview"> | undefined) => before,
    queryFn: () => answer(api.POST("/api/v1/exchanges/preview", { body })),
  });
  if (body.lines.length === 0 || body.goods.length === 0) return <p className="quiet">Say what comes back, and what goes out.</p>;
  return <Loaded query={told}>{(preview) => <PreviewOf preview={preview} />}</Loaded>;
}

export function PreviewOf({ preview: p }: { preview: Shape<"ExchangePreview"> }) {
  const money = (amount: number, strong = false) => <Money amount={amount} currency={p.currency} strong={strong} />;
  return (
    <div className="stack">
      {p.lines.map((l) => (
        <div key={l.line_no}>
          <div className="row apart"><span>{l.quantity} × {l.title} back</span>{money(-l.gives_back)}</div>
          <p className={l.allowed ? "faint small" : "minus small"}>{l.why}</p>
        </div>
      ))}
      {p.goods.map((g) => (
        <div key={g.no}>
          <div className="row apart"><span>{g.quantity} × {g.title} out</span>{money(g.total)}</div>
          {g.free < g.quantity && <p className="minus small">Only {g.free} free right now</p>}
        </div>
      ))}
      <Facts
        facts={[
          ["Shipping's share of the old", p.shipping_back ? money(-p.shipping_back) : null],
          ["Shipping of the new", p.shipping ? money(p.shipping) : null],
          [balanceText(p.balance), money(Math.abs(p.balance), true)],
        ]}
      />
      {p.instant && (
        <p className="quiet">
          The new goods may leave first: then {money(p.security)} are held on the card
          {p.charged > 0 && <> and {money(p.charged)} charged</>}, and taken if the old are not here within {p.security_days} days.
        </p>
      )}
      {p.approved_at_once && <p className="quiet">The policy approves it at once.</p>}
    </div>
  );
}
