import Button from "@mui/material/Button";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNotify } from "ra-core";
import { useEffect, useState } from "react";
import { FormProvider, useForm, useWatch } from "react-hook-form";
import { useNavigate, useSearchParams } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { freshKey } from "@/api/send";
import { useWrite } from "@/api/write";
import { NumberIn, TextIn } from "@/parts/fields";
import { NodeIn, useNodes } from "@/parts/NodeIn";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { useCan } from "@/parts/scopes";
import { Empty, ProblemNote } from "@/parts/states";
import { When } from "@/parts/When";
import { FilterIn } from "./FilterIn";
import { Load } from "./Load";
import { enteredOf, filterOf, waveHref, whole, type Entered } from "./wave";

type Values = Entered & { node: string; name: string; pace: string };
type Preview = Shape<"WavePreview">;
type Body = Shape<"WaveBody">;

/** Arrange a wave, look at what it comes to, set it aside or put it on the floor. */
export function PlanWave() {
  const [query] = useSearchParams();
  const nodes = useNodes().data?.data ?? [];
  const first = query.get("node") ?? nodes.find((n) => n.ships)?.code ?? "";
  const chosen = query.get("fulfilments")?.split(",").filter(Boolean) ?? [];
  if (!first) return <Page title="Plan a wave"><Empty title="There is no node that ships" /></Page>;
  return <Planning key={first} node={first} chosen={chosen} />;
}

function Planning({ node, chosen }: { node: string; chosen: string[] }) {
  const notify = useNotify();
  const go = useNavigate();
  const may = useCan()("write_fulfilment");
  const form = useForm<Values>({ defaultValues: { ...enteredOf({}), node, name: "", pace: "" } });
  const entered = useSettled(useWatch({ control: form.control }) as Values);
  const filter = { ...filterOf(entered), fulfilments: chosen };
  const asked = { node: entered.node, filter, lines_per_hour: entered.pace ? Number(entered.pace) : null };
  const look = useQuery({
    queryKey: ["waves", "preview", asked],
    queryFn: () => answer(api.POST("/api/v1/waves/preview", { body: asked, headers: { "Idempotency-Key": freshKey() } })),
    placeholderData: keepPreviousData,
  });
  const plan = useWrite((body: Body, once) => answer(api.POST("/api/v1/waves", { body, ...once })), {
    touches: ["waves", "fulfilments"],
    done: (made) => {
      notify(`${made.number} has ${whole(made.taken)} fulfilments.`);
      void go(waveHref(made.id));
    },
  });
  const send = (release: boolean) =>
    form.handleSubmit((v) => plan.mutate({ node: v.node, name: v.name.trim(), filter: { ...filterOf(v), fulfilments: chosen }, release }));
  return (
    <Page
      title="Plan a wave"
      crumbs={[{ label: "Waves", to: "/waves" }]}
      about="What is due first goes first, as far as the limits go. Orders on hold are never in a wave. Looking changes nothing."
    >
      <FormProvider {...form}>
        <form className="stack" noValidate onSubmit={(event) => void send(false)(event)}>
          <Columns
            main={
              <>
                <Card title="The wave">
                  <div className="stack">
                    <div className="form-grid">
                      <TextIn name="name" label="Name" required autoFocus placeholder="Morning, singles" />
                      <NodeIn name="node" label="Node" required />
                      <NumberIn name="pace" label="Lines the floor picks an hour" min={1} help="All people together" />
                    </div>
                    {chosen.length > 0 && <p className="quiet">Of {whole(chosen.length)} fulfilments that were chosen.</p>}
                    <FilterIn />
                    <ProblemNote problem={plan.error} />
                    {may && (
                      <div className="row wrap">
                        <Button type="submit" variant="outlined" loading={plan.isPending}>Plan it</Button>
                        <Button variant="contained" loading={plan.isPending} onClick={(event) => void send(true)(event)}>Release it now</Button>
                      </div>
                    )}
                  </div>
                </Card>
                <Card title="Load by hour of the cut-off">
                  {look.data ? <Load hours={look.data.load} /> : <ProblemNote problem={look.error} />}
                </Card>
              </>
            }
            side={look.data ? <Comes of={look.data} /> : <Card title="It comes to"><p className="quiet">Looking…</p></Card>}
          />
        </form>
      </FormProvider>
    </Page>
  );
}

/** What was entered, once nothing has been typed for a moment. */
function useSettled<T>(value: T): T {
  const text = JSON.stringify(value);
  const [settled, settle] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => settle(text), 300);
    return () => clearTimeout(timer);
  }, [text]);
  return JSON.parse(settled) as T;
}

function Comes({ of: found }: { of: Preview }) {
  const rest = found.waiting - found.fulfilments;
  return (
    <>
      <Card title="It comes to">
        <Facts
          facts={[
            ["Orders", whole(found.orders)],
            ["Fulfilments", whole(found.fulfilments)],
            ["Lines", whole(found.lines)],
            ["Units", whole(found.units)],
            ["Weight", `${(found.grams / 1000).toLocaleString("en-GB", { maximumFractionDigits: 1 })} kg`],
            ["Parcels, at least", whole(found.parcels)],
            ["Bins to visit", whole(found.bins)],
            ["Hours at that pace", found.hours === null ? null : found.hours.toLocaleString("en-GB")],
            ["First cut-off", found.due_at ? <When key="due" at={found.due_at} /> : null],
            ["Late already", found.late ? <span key="late" className="bad strong">{whole(found.late)}</span> : "none"],
          ]}
        />
      </Card>
      <Card title="Stays behind">
        {rest === 0 ? (
          <p className="quiet">{found.mode === "streaming" ? `${found.node} streams: nothing waits for a wave there.` : "Nothing else waits."}</p>
        ) : (
          <Facts facts={[["On hold", whole(found.held)], ["Does not fit", whole(found.unfit)], ["Beyond the limits", whole(found.over)]]} />
        )}
      </Card>
      {found.short.length > 0 && (
        <Card title="Would be short" count={found.short.length} flush>
          <Rows
            rows={found.short}
            keyOf={(s) => s.fulfilment}
            columns={[
              { id: "fulfilment", label: "Fulfilment", render: (s) => s.fulfilment },
              { id: "sku", label: "SKU", grow: true, render: (s) => <span className="mono">{s.sku}</span> },
              { id: "found", label: "Found", align: "right", render: (s) => `${whole(s.found)} of ${whole(s.wanted)}` },
            ]}
          />
        </Card>
      )}
    </>
  );
}
