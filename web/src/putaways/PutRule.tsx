import Button from "@mui/material/Button";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useNotify } from "ra-core";
import { useState } from "react";
import { useFormContext, useWatch } from "react-hook-form";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { NumberIn, SelectIn, TextIn, YesNo } from "@/parts/fields";
import { NodeIn } from "@/parts/NodeIn";
import { Rows } from "@/parts/Rows";
import { useCan } from "@/parts/scopes";
import { useSeen } from "@/parts/seen";
import { SkuIn } from "@/parts/SkuIn";
import { ProblemNote } from "@/parts/states";
import { binsText, GOODS, ruleBody, ruleText, ruleValues, type PutawayRule, type RuleValues } from "./putaway";

type Input = { node: string; code: string; body: Shape<"PutawayRuleBody"> };
type Trial = Shape<"RuleTrial">;

export function RuleButton() {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_settings")) return null;
  return (
    <>
      <Button variant="contained" color="primary" startIcon={<Plus size={14} />} onClick={() => setOpen(true)}>
        New rule
      </Button>
      {isOpen && <PutRule close={() => setOpen(false)} />}
    </>
  );
}

export function PutRule({ rule, close }: { rule?: PutawayRule; close: () => void }) {
  const notify = useNotify();
  const seen = useSeen(rule?.version ?? 0);
  const put = useWrite(
    ({ node, code, body }: Input, once) => answer(api.PUT("/api/v1/putaway-rules/{node}/{code}", { params: { path: { node, code } }, body, ...once })),
    { touches: ["putaway-rules"], done: () => notify("The rule holds for places that are looked for from now on.") },
  );
  return (
    <Ask<RuleValues, Input>
      title={rule ? `Rule ${rule.code} at ${rule.node}` : "New putaway rule"}
      about="Open tasks keep their places until somebody takes them on or plans anew."
      verb="Save"
      width="sm"
      values={ruleValues(rule)}
      input={(values) => ({ node: values.node, code: values.code.trim(), body: { ...ruleBody(values), version: rule ? seen.version : null } })}
      write={put}
      close={close}
      seen={rule ? seen : undefined}
      what="rule"
    >
      {!rule && (
        <div className="form-grid">
          <NodeIn name="node" label="At" required autoFocus />
          <TextIn name="code" label="Name of the rule" required mono help="A short one, such as heavy" />
        </div>
      )}
      <GoodsIn />
      <WhereIn />
      <div className="form-grid">
        <NumberIn name="units_per_bin" label="At most in a bin" min={1} help="Units of one SKU; empty: as many as fit" />
        <NumberIn name="priority" label="Order" min={0} required help="The lowest comes first" />
      </div>
      <YesNo name="strict" label="Nowhere else, however full it is" />
      <TryIt />
    </Ask>
  );
}

function GoodsIn() {
  const goods = useWatch<RuleValues, "goods">({ name: "goods" });
  return (
    <div className="form-grid">
      <SelectIn name="goods" label="About" choices={GOODS} required />
      {goods === "sku" && <SkuIn name="value" label="SKU" required />}
      {goods === "category" && <TextIn name="value" label="Category" required help="With all below it" />}
      {goods === "hazard_class" && <TextIn name="value" label="Class of danger" required help="As products name it, such as 3" />}
      {goods === "temperature" && <SelectIn name="value" label="Temperature" required choices={["ambient", "chilled", "frozen"]} />}
    </div>
  );
}

/** Zones and bins of the node that goods are put away into. */
function WhereIn() {
  const [node, zone] = useWatch<RuleValues, ["node", "zone"]>({ name: ["node", "zone"] });
  const asked = useQuery({
    queryKey: ["nodes", "bins to put into", node],
    enabled: node !== "",
    queryFn: () => answer(api.GET("/api/v1/nodes/{node}/bins", { params: { path: { node }, query: { type_in: ["pick_face", "reserve"], sort: "code", limit: 200 } } })),
  });
  const bins = asked.data?.data ?? [];
  const zones = [...new Set(bins.flatMap((bin) => bin.zone ?? []))].sort();
  const inside = bins.filter((bin) => !zone || bin.zone === zone);
  const any = { value: "", label: "Any" };
  const named = (codes: string[]) => [any, ...codes.map((code) => ({ value: code, label: code }))];
  return (
    <div className="form-grid">
      <SelectIn name="zone" label="Into zone" choices={named(zones)} />
      <SelectIn name="bin" label="Into bin" choices={named(inside.map((bin) => bin.code))} />
    </div>
  );
}

/** Where what waits would go with the rule as it stands in the form. */
function TryIt() {
  const form = useFormContext<RuleValues>();
  const attempt = useMutation({
    mutationFn: (values: RuleValues): Promise<Trial> =>
      answer(api.POST("/api/v1/putaway-rules/{node}/{code}/try", {
        params: { path: { node: values.node, code: values.code.trim() || "new" } }, body: { ...ruleBody(values), removed: false },
      })),
  });
  const values = useWatch<RuleValues>() as RuleValues;
  const said = ruleBody(values);
  return (
    <div className="stack tight">
      <p className="quiet">{ruleText({ ...said, goods: values.goods, value: said.value ?? "", zone: said.zone ?? null, bin: said.bin ?? null, units_per_bin: said.units_per_bin ?? null, strict: values.strict })}</p>
      <div>
        <Button loading={attempt.isPending} disabled={values.node === ""} onClick={() => attempt.mutate(form.getValues())}>
          What would it do?
        </Button>
      </div>
      <ProblemNote problem={attempt.error} />
      {attempt.data && <Tried trial={attempt.data} />}
    </div>
  );
}

export function Tried({ trial }: { trial: Trial }) {
  const changed = trial.tasks.filter((task) => task.changed);
  if (trial.tasks.length === 0) return <p role="status" className="quiet">Nothing is to be put away at {trial.node} now.</p>;
  return (
    <div className="stack tight">
      <p role="status">
        {changed.length === 0 ? "Nothing" : `${changed.length} of ${trial.tasks.length} tasks`} of what waits at {trial.node} would go elsewhere
        {changed.length === 0 ? `: all ${trial.tasks.length} tasks stay as they are.` : "."}
      </p>
      {changed.length > 0 && (
        <Rows
          rows={changed}
          keyOf={(task) => task.id}
          columns={[
            { id: "sku", label: "SKU", render: (t) => <span className="mono">{t.sku}</span> },
            { id: "before", label: "Now", render: (t) => <span className="quiet">{binsText(t.before)}</span> },
            { id: "after", label: "Then", grow: true, render: (t) => <span title={t.why ?? ""}>{binsText(t.after)}</span> },
          ]}
        />
      )}
    </div>
  );
}

export function RemoveRule({ rule, close }: { rule: PutawayRule; close: () => void }) {
  const notify = useNotify();
  const { node, code } = rule;
  const remove = useWrite(
    ({ version }: { version: number }, once) =>
      answer(api.DELETE("/api/v1/putaway-rules/{node}/{code}", {
        params: { path: { node, code } }, headers: { ...once.headers, "If-Match": `"${version}"` },
      })),
    { touches: ["putaway-rules"], done: () => notify(`Rule ${code} of ${node} is removed.`) },
  );
  const without = useQuery({
    queryKey: ["putaway-rules", "without", node, code],
    staleTime: 0,
    gcTime: 0,
    queryFn: (): Promise<Trial> =>
      answer(api.POST("/api/v1/putaway-rules/{node}/{code}/try", { params: { path: { node, code } }, body: { ...ruleBody(ruleValues(rule)), removed: true } })),
  });
  return (
    <Ask<object, { version: number }>
      title={`Remove rule ${code} of ${node}`}
      about={ruleText(rule)}
      verb="Remove it"
      tone="error"
      width="sm"
      values={{}}
      input={() => ({ version: rule.version })}
      write={remove}
      close={close}
    >
      {without.data && <Tried trial={without.data} />}
    </Ask>
  );
}
