import { useNotify } from "ra-core";
import { useWatch } from "react-hook-form";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { MoneyIn, NumberIn, SelectIn, TextIn } from "@/parts/fields";
import { minorUnits } from "@/parts/Money";
import { useSeen } from "@/parts/seen";
import { TOUCHES, type Inspection } from "./inspection";

const path = (inspection: Inspection) => ({ params: { path: { inspection_id: inspection.id } } });

export function Decide({ record: inspection, close }: VerbProps<Inspection>) {
  const notify = useNotify();
  const seen = useSeen(inspection.version);
  const decide = useWrite(
    (body: Shape<"DecisionBody">, once) => answer(api.POST("/api/v1/inspections/{inspection_id}/decide", { ...path(inspection), body, ...once })),
    {
      touches: TOUCHES,
      done: (now) => notify(now.filled > 0 ? `${now.filled} of them went to orders that waited.` : `${now.awaiting} units await a decision.`),
    },
  );
  return (
    <Ask<{ accept: string; reject: string; reason: string; bin: string }, Shape<"DecisionBody">>
      title={`Decide on ${inspection.number}`}
      about={`${inspection.awaiting} units of ${inspection.sku} await a decision. What is accepted can be sold at once; the rest may be decided on later.`}
      verb="Decide"
      values={{ accept: "", reject: "", reason: "", bin: "" }}
      input={({ accept, reject, reason, bin }) => ({
        accept: Number(accept) || 0,
        reject: Number(reject) || 0,
        reason: reason.trim() || null,
        bin: bin.trim() || null,
        version: seen.version,
      })}
      write={decide}
      close={close}
      seen={seen}
      what="inspection"
    >
      <div className="form-grid">
        <NumberIn name="accept" label="Accept" min={0} max={inspection.awaiting} autoFocus />
        <NumberIn name="reject" label="Reject" min={0} max={inspection.awaiting} />
      </div>
      <TextIn name="reason" label="Why" help={inspection.next.includes("sample") ? "Needed to accept units before the sample has its verdict" : undefined} />
      <TextIn name="bin" label="Bin of what is accepted" mono help="Empty: where the node receives" />
    </Ask>
  );
}

const KINDS = [
  { value: "return_to_vendor", label: "Back to the vendor" },
  { value: "scrap", label: "Scrap" },
  { value: "rework", label: "Mend, and look again" },
  { value: "accept_at_discount", label: "Take at a discount" },
  { value: "missing", label: "Missing" },
];

type Values = { kind: Shape<"DispositionBody">["kind"]; quantity: string; reason: string; discount: string; bin: string };

export function Dispose({ record: inspection, close }: VerbProps<Inspection>) {
  const notify = useNotify();
  const seen = useSeen(inspection.version);
  const dispose = useWrite(
    (body: Shape<"DispositionBody">, once) => answer(api.POST("/api/v1/inspections/{inspection_id}/dispose", { ...path(inspection), body, ...once })),
    { touches: TOUCHES, done: (now) => notify(`${now.to_dispose} rejected units of ${now.number} still lie there.`) },
  );
  return (
    <Ask<Values, Shape<"DispositionBody">>
      title="What becomes of rejected units"
      about={`${inspection.to_dispose} rejected units of ${inspection.sku} lie in ${inspection.stock_status}. What is asked back from ${inspection.supplier} is told afterwards.`}
      verb="Do it"
      values={{ kind: "return_to_vendor", quantity: String(inspection.to_dispose), reason: "", discount: "", bin: "" }}
      input={({ kind, quantity, reason, discount, bin }) => ({
        kind,
        quantity: Number(quantity) || 0,
        reason,
        discount: kind === "accept_at_discount" ? (minorUnits(discount, inspection.currency) ?? 0) : 0,
        bin: bin.trim() || null,
        version: seen.version,
      })}
      write={dispose}
      close={close}
      seen={seen}
      what="inspection"
    >
      <SelectIn name="kind" label="What becomes of them" choices={KINDS} required autoFocus />
      <NumberIn name="quantity" label="Units" min={1} max={inspection.to_dispose} required />
      <Discount currency={inspection.currency} />
      <TextIn name="reason" label="Why" required />
    </Ask>
  );
}

function Discount({ currency }: { currency: string }) {
  const kind = useWatch<Values, "kind">({ name: "kind" });
  if (kind !== "accept_at_discount") return null;
  return (
    <>
      <MoneyIn name="discount" label="Discount of one unit" currency={currency} required />
      <TextIn name="bin" label="Bin" mono help="Empty: where the node receives" />
    </>
  );
}
