import { useNotify } from "ra-core";
import { useWatch } from "react-hook-form";
import { Link } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { NumberIn, PercentIn, SelectIn } from "@/parts/fields";
import { useSeen } from "@/parts/seen";
import { classBody, classValues, MEASURES, POLICIES, POLICY_CHOICES, type Class, type ClassValues, type Policy } from "./policies";

const MEASURE_CHOICES = Object.entries(MEASURES).map(([value, { label }]) => ({ value, label }));

export function PutClass({ of, close }: { of: Class; close: () => void }) {
  const notify = useNotify();
  const seen = useSeen(of.version);
  const put = useWrite(
    (body: Shape<"ClassBody">, once) => answer(api.PUT("/api/v1/replenishment-classes/{code}", { params: { path: { code: of.code } }, body, ...once })),
    { touches: ["replenishment-classes", "replenishment-rules"], done: () => notify(`${of.code} is kept so from the next plan on.`) },
  );
  return (
    <Ask<ClassValues, Shape<"ClassBody">>
      title={`How ${of.code} is kept`}
      about={
        <>
          {of.places} {of.places === 1 ? "place follows" : "places follow"} from the next plan on. What a rule says of one of them stays.{" "}
          <Link className="link" to={`/replenishment/classes/${of.code}/try`}>Try it over the past first</Link>
        </>
      }
      verb="Save"
      width="sm"
      values={classValues(of)}
      input={(values) => classBody(values, seen.version)}
      write={put}
      close={close}
      seen={seen}
      what="class"
    >
      <ClassFields autoFocus />
    </Ask>
  );
}

export function ClassFields({ autoFocus }: { autoFocus?: boolean }) {
  return (
    <>
      <SelectIn name="policy" label="Policy" choices={POLICY_CHOICES} required autoFocus={autoFocus} />
      <PolicySaid />
      <div className="form-grid">
        <PercentIn name="service_ppm" label="Service" required help="50 to 99.9" />
        <SelectIn name="measured_by" label="Measured by" choices={MEASURE_CHOICES} required />
        <NumberIn name="review_days" label="Days between looks" min={1} max={365} required />
      </div>
      <div className="form-grid">
        <NumberIn name="order_cost" label="Cost of one more order line" min={0} required help="In cents, or whatever is smallest in the supplier's currency" />
        <PercentIn name="holding_ppm" label="Cost of keeping, a year" required help="Of the unit cost" />
      </div>
    </>
  );
}

/** The chosen policy in words. */
export function PolicySaid() {
  const policy = useWatch<{ policy: string }, "policy">({ name: "policy" });
  const said = POLICIES[policy as Policy]?.said;
  return <p className="quiet small" role="status">{said ?? "As the class says, but for what is filled in here."}</p>;
}
