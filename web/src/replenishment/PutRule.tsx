import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { Pencil, Plus, Trash2 } from "lucide-react";
import { useNotify } from "ra-core";
import { useState } from "react";
import { useWatch } from "react-hook-form";
import { Link } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { NumberIn, PercentIn, SelectIn, TextIn } from "@/parts/fields";
import { NodeIn } from "@/parts/NodeIn";
import { useCan } from "@/parts/scopes";
import { useSeen } from "@/parts/seen";
import { SkuIn } from "@/parts/SkuIn";
import { AS_CLASS, POLICY_CHOICES, ruleBody, ruleValues, tryHref, type Rule, type RuleValues } from "./policies";
import { PolicySaid } from "./PutClass";

type Place = { node: string; sku: string };
type Input = Place & { body: Shape<"RuleBody"> };
const TOUCHES = ["replenishment-rules", "replenishment-plans"] as const;
const CHOICES = [{ value: AS_CLASS, label: "As the class" }, ...POLICY_CHOICES];

/** A new rule, for one place or for any, or another wording of one that is there. */
export function RuleButton({ place, rule }: { place?: Place; rule?: Rule }) {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_purchasing")) return null;
  return (
    <>
      <Button
        variant={place ? "outlined" : "contained"}
        color={place ? "inherit" : "primary"}
        startIcon={rule ? <Pencil size={14} /> : <Plus size={14} />}
        onClick={() => setOpen(true)}
      >
        {rule ? "Edit the rule" : "New rule"}
      </Button>
      {isOpen && <PutRule place={place} rule={rule} close={() => setOpen(false)} />}
    </>
  );
}

export function RemoveRuleButton({ rule }: { rule: Rule }) {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_purchasing")) return null;
  return (
    <>
      <Button startIcon={<Trash2 size={14} />} onClick={() => setOpen(true)}>
        Remove the rule
      </Button>
      {isOpen && <RemoveRule rule={rule} close={() => setOpen(false)} />}
    </>
  );
}

export function PutRule({ place, rule, close }: { place?: Place; rule?: Rule; close: () => void }) {
  const notify = useNotify();
  const seen = useSeen(rule?.version ?? 0);
  const put = useWrite(
    ({ node, sku, body }: Input, once) =>
      answer(api.PUT("/api/v1/replenishment-rules/{node}/{sku}", { params: { path: { node, sku } }, body, ...once })),
    { touches: [...TOUCHES], done: (_, { node, sku }) => notify(`${sku} at ${node} is kept so from the next plan on.`) },
  );
  return (
    <Ask<RuleValues, Input>
      title={place ? `Rule for ${place.sku} at ${place.node}` : "New rule"}
      about={
        place
          ? <>What you leave empty follows from its class. <Link className="link" to={tryHref(place.node, place.sku)}>Try it over the past first</Link></>
          : "For one SKU at one node. What you leave empty follows from its class. A rule that is there already for the same place is replaced."
      }
      verb="Save"
      width="sm"
      values={ruleValues(place ?? { node: "", sku: "" }, rule)}
      input={(values) => {
        const body = ruleBody(values, rule ? seen.version : null);
        return body && { node: values.node, sku: values.sku.trim(), body };
      }}
      write={put}
      close={close}
      seen={rule ? seen : undefined}
      what="rule"
    >
      {!place && (
        <div className="form-grid">
          <SkuIn name="sku" label="SKU" required autoFocus />
          <NodeIn name="node" label="At" required />
        </div>
      )}
      <RuleFields autoFocus={Boolean(place)} />
      <TextIn name="snoozed_until" label="Suggest nothing before" type="date" />
      <TextIn name="why" label="Why" help="For whoever finds this rule in a year" />
    </Ask>
  );
}

/** All of a rule but when and why. */
export function RuleFields({ autoFocus }: { autoFocus?: boolean }) {
  return (
    <>
      <SelectIn name="policy" label="Policy" choices={CHOICES} autoFocus={autoFocus} />
      <PolicySaid />
      <Numbers />
      <div className="form-grid">
        <PercentIn name="service_ppm" label="Service" help="50 to 99.9; empty: the class's" />
        <NumberIn name="review_days" label="Days between looks" min={1} max={365} help="Empty: the class's" />
        <SellerIn />
      </div>
    </>
  );
}

function Numbers() {
  const policy = useWatch<RuleValues, "policy">({ name: "policy" });
  if (policy === "none") return null;
  const isGiven = policy === "min/max";
  return (
    <div className="form-grid">
      {policy === "fixed" && <NumberIn name="lot" label="Units each time" min={1} required />}
      {policy !== "fixed" && <NumberIn name="minimum" label="Minimum" min={0} required={isGiven} help="The reorder point; empty: reckoned" />}
      {policy !== "fixed" && <NumberIn name="maximum" label="Maximum" min={0} required={isGiven} help="Filled up to; empty: reckoned" />}
    </div>
  );
}

/** Whoever sells the SKU; the first of them unless one is chosen. */
function SellerIn() {
  const [sku, chosen] = useWatch<RuleValues, ["sku", "supplier"]>({ name: ["sku", "supplier"] });
  const asked = useQuery({
    queryKey: ["supplier-items", "selling", sku],
    enabled: sku !== "",
    queryFn: () => answer(api.GET("/api/v1/supplier-items", { params: { query: { sku_eq: sku, active_eq: true, limit: 50 } } })),
  });
  const sellers = new Set([...(asked.data?.data ?? []).map((i) => i.supplier), ...(chosen.trim() ? [chosen] : [])]);
  return <SelectIn name="supplier" label="Bought from" choices={[{ value: AS_CLASS, label: "Whoever is asked first" }, ...[...sellers].map((code) => ({ value: code, label: code }))]} />;
}

export function RemoveRule({ rule, close }: { rule: Rule; close: () => void }) {
  const notify = useNotify();
  const { node, sku } = rule;
  const remove = useWrite(
    ({ version }: { version: number }, once) =>
      answer(
        api.DELETE("/api/v1/replenishment-rules/{node}/{sku}", {
          params: { path: { node, sku } },
          headers: { ...once.headers, "If-Match": `"${version}"` },
        }),
      ),
    { touches: [...TOUCHES], done: () => notify(`${sku} at ${node} follows its class again.`) },
  );
  return (
    <Ask<object, { version: number }>
      title={`Remove the rule for ${sku} at ${node}`}
      about={`From the next plan on it is kept as its class${rule.class_code ? ` ${rule.class_code} (${rule.class_policy})` : ""} says.`}
      verb="Remove it"
      tone="error"
      values={{}}
      input={() => ({ version: rule.version })}
      write={remove}
      close={close}
    />
  );
}
