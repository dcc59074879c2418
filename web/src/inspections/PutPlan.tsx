import Button from "@mui/material/Button";
import IconButton from "@mui/material/IconButton";
import { useQuery } from "@tanstack/react-query";
import { Plus, X } from "lucide-react";
import { useNotify } from "ra-core";
import { useFieldArray, useWatch } from "react-hook-form";
import { answer, api } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { SelectIn, TextIn, YesNo } from "@/parts/fields";
import { useSeen } from "@/parts/seen";
import { SkuIn } from "@/parts/SkuIn";
import { AQLS, LEVELS, NO_LINE, planBody, planValues, whosePath, type Plan, type PlanBody, type PlanValues } from "./plan";

const METHODS = [
  { value: "sample", label: "By sample" },
  { value: "every_unit", label: "Every unit" },
  { value: "nothing", label: "Not at all" },
];

type Input = { whose: { supplier: string; sku: string }; body: PlanBody };

/** Reads the plan whole first: the list does not tell what is looked at. */
export function EditPlan({ of, close }: { of: { supplier: string; sku: string }; close: () => void }) {
  const whose = whosePath(of.supplier, of.sku);
  const asked = useQuery({
    queryKey: ["inspection-plans", "detail", whose.supplier, whose.sku],
    staleTime: 0,
    gcTime: 0,
    queryFn: () => answer(api.GET("/api/v1/inspection-plans/{supplier}/{sku}", { params: { path: whose } })),
  });
  return asked.data ? <PutPlan plan={asked.data} close={close} /> : null;
}

export function PutPlan({ plan, close }: { plan?: Plan; close: () => void }) {
  const notify = useNotify();
  const seen = useSeen(plan?.version ?? 0);
  const put = useWrite(
    ({ whose, body }: Input, once) => answer(api.PUT("/api/v1/inspection-plans/{supplier}/{sku}", { params: { path: whose }, body, ...once })),
    { touches: ["inspection-plans"], done: () => notify("The plan holds for what comes from now on.") },
  );
  return (
    <Ask<PlanValues, Input>
      title={plan ? `Plan of ${plan.supplier || "any supplier"}, ${plan.sku || "any SKU"}` : "New inspection plan"}
      about="For goods that come from now on. Inspections that are open keep what it said."
      verb="Save"
      width="md"
      values={planValues(plan)}
      input={(values) => ({ whose: whosePath(values.supplier, values.sku), body: planBody(values, plan ? seen.version : null) })}
      write={put}
      close={close}
      seen={plan ? seen : undefined}
      what="plan"
    >
      {!plan && (
        <div className="form-grid">
          <TextIn name="supplier" label="Supplier" mono autoFocus help="Empty: any" />
          <SkuIn name="sku" label="SKU, or empty for any" />
        </div>
      )}
      <SelectIn name="method" label="Looked at" choices={METHODS} required autoFocus={Boolean(plan)} />
      <Sampling />
      <Characteristics />
    </Ask>
  );
}

function Sampling() {
  const method = useWatch<PlanValues, "method">({ name: "method" });
  if (method !== "sample") return null;
  return (
    <>
      <div className="form-grid">
        <SelectIn name="level" label="Inspection level" choices={LEVELS.map((value) => ({ value, label: value }))} required />
        <SelectIn name="aql" label="AQL" choices={AQLS.map((value) => ({ value, label: value }))} required help="Nonconforming units per hundred" />
      </div>
      <YesNo name="reduced" label="A good record may lead to smaller samples" />
    </>
  );
}

function Characteristics() {
  const { fields, append, remove } = useFieldArray<PlanValues, "lines">({ name: "lines" });
  const values = useWatch<PlanValues>() as PlanValues;
  if (values.method === "nothing") return null;
  return (
    <div role="group" aria-labelledby="looked-at" className="stack">
      <h3 id="looked-at">What is looked at on each unit</h3>
      {fields.map((line, at) => (
        <div key={line.id} className="stack tight">
          <div className="form-grid">
            <TextIn name={`lines.${at}.name`} label="Characteristic" required autoFocus={line.name === ""} />
            <SelectIn name={`lines.${at}.kind`} label="Kind" choices={[{ value: "yes_no", label: "Yes or no" }, { value: "measured", label: "Measured" }]} />
          </div>
          {values.lines?.[at]?.kind === "measured" && (
            <div className="form-grid">
              <TextIn name={`lines.${at}.low`} label="At least" />
              <TextIn name={`lines.${at}.high`} label="At most" />
              <TextIn name={`lines.${at}.unit`} label="Unit" placeholder="mm" />
            </div>
          )}
          <div className="row apart">
            <YesNo name={`lines.${at}.critical`} label="Critical: one unit that fails it rejects the lot" />
            <IconButton aria-label={`Remove characteristic ${at + 1}`} onClick={() => remove(at)}>
              <X size={14} />
            </IconButton>
          </div>
        </div>
      ))}
      <div>
        <Button startIcon={<Plus size={14} />} onClick={() => append(NO_LINE, { shouldFocus: false })}>
          Add a characteristic
        </Button>
      </div>
    </div>
  );
}
