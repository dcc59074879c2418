import Button from "@mui/material/Button";
import { useNotify } from "ra-core";
import { FormProvider, useForm, type FieldValues } from "react-hook-form";
import { useNavigate, useParams } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { markFields } from "@/parts/Ask";
import { NumberIn, TextIn } from "@/parts/fields";
import { NodeIn, useNodes } from "@/parts/NodeIn";
import { Card, Page } from "@/parts/Page";
import { SomebodyElse, useSeen } from "@/parts/seen";
import { Empty, Loaded, ProblemNote } from "@/parts/states";
import { Becomes, useChoices } from "./Becomes";
import { gradedBody, gradedValues, type Graded } from "./form";
import { GRADES, openOf, partsOf, reasonText, returnHref, TOUCHES, type Grade, type ReturnedLine, type WholeReturn } from "./return";
import { useReturn } from "./ReturnDetail";

/** At the table where parcels of returns are opened: each unit is looked at once. */
export function ReceiveReturn() {
  const { id = "" } = useParams();
  const asked = useReturn(id);
  const nodes = useNodes().data?.data;
  const crumbs = [{ label: "Returns", to: "/returns" }, { label: asked.data?.number ?? "Return", to: returnHref(id) }];
  return (
    <Page title="Receive and grade" crumbs={crumbs} about="What is restocked goes on sale at once. The rest waits in quarantine for what it is to become.">
      <Loaded query={asked}>
        {(r) =>
          r.next.includes("receive") && nodes ? (
            <Form key={r.version} of={r} node={nodes.length === 1 ? (nodes[0]?.code ?? "") : ""} />
          ) : (
            nodes && <Card><Empty title="Nothing is to come">{r.number} is {r.status.replaceAll("_", " ")}.</Empty></Card>
          )
        }
      </Loaded>
    </Page>
  );
}

type Values = { node: string; weight: string; graded: Graded };

function Form({ of: r, node }: { of: WholeReturn; node: string }) {
  const navigate = useNavigate();
  const notify = useNotify();
  const seen = useSeen(r.version);
  const form = useForm<Values>({ defaultValues: { node, weight: "", graded: gradedValues(r) } });
  const choices = useChoices(r.id);
  const receive = useWrite(
    (body: Shape<"ReturnArrival">, once) => answer(api.POST("/api/v1/returns/{return_id}/receive", { params: { path: { return_id: r.id } }, body, ...once })),
    {
      touches: TOUCHES,
      done: (now) => {
        notify(now.status === "partly_received" ? "Booked. Some units are still to come." : "Booked.");
        void navigate(returnHref(r.id));
      },
    },
  );
  const submit = form.handleSubmit((values) => {
    const body = { node: values.node, weight_grams: values.weight.trim() ? Number(values.weight) : null, units: gradedBody(values.graded), version: seen.version };
    receive.mutate(body, { onError: (error) => markFields<FieldValues>(error, (name, said) => form.setError(name as "node", said)) });
  });
  return (
    <FormProvider {...form}>
      <form
        noValidate
        className="stack"
        onSubmit={(event) => {
          form.clearErrors();
          void submit(event);
        }}
      >
        <Card title="Where">
          <div className="form-grid">
            <NodeIn name="node" label="Node" required />
            <NumberIn name="weight" label="Weight of the parcel in grams" min={0} max={1000000} help="Where somebody weighed it" />
          </div>
        </Card>
        {r.lines.filter((l) => openOf(l) > 0).map((l) => <Line key={l.line_no} line={l} choices={choices.data} />)}
        <SomebodyElse seen={seen} what="return" />
        <ProblemNote problem={receive.error} />
        <div>
          <Button type="submit" variant="contained" color="primary" loading={receive.isPending}>
            Book these units
          </Button>
        </div>
      </form>
    </FormProvider>
  );
}

function Line({ line: l, choices }: { line: ReturnedLine; choices?: Shape<"ReturnChoices"> }) {
  const parts = partsOf(l);
  return (
    <Card title={l.title} count={openOf(l)}>
      <div className="stack" role="group" aria-label={l.title}>
        <p className="quiet">
          <span className="mono">{l.sku}</span> · {reasonText(l.reason)}
          {l.remark && `: ${l.remark}`}
        </p>
        <div className="form-grid">
          {(Object.keys(GRADES) as Grade[]).map((grade) => (
            <NumberIn key={grade} name={`graded.l${l.line_no}.${grade}`} label={GRADES[grade]} min={0} max={openOf(l)} />
          ))}
        </div>
        <div className="form-grid">
          {parts.map((sku, at) => (
            <TextIn
              key={sku}
              name={`graded.l${l.line_no}.lots.${at}.lot`}
              label={parts.length > 1 ? `Lot or serial of ${sku}` : "Lot or serial"}
              mono
              help="Where it is tracked"
            />
          ))}
          <TextIn name={`graded.l${l.line_no}.note`} label="What it is like" />
        </div>
        {choices && <Becomes line={l.line_no} told={choices} />}
      </div>
    </Card>
  );
}
