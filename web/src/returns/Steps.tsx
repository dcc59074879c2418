import { useNotify } from "ra-core";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { NumberIn, TextIn, YesNo } from "@/parts/fields";
import { useSeen } from "@/parts/seen";
import { TOUCHES, withheldOf, type WholeReturn } from "./return";

const path = (r: WholeReturn) => ({ params: { path: { return_id: r.id } } });

export function Approve({ record: r, close }: VerbProps<WholeReturn>) {
  const seen = useSeen(r.version);
  const approve = useWrite(
    (body: Shape<"ReturnApproval">, once) => answer(api.POST("/api/v1/returns/{return_id}/approve", { ...path(r), body, ...once })),
    { touches: TOUCHES },
  );
  return (
    <Ask<{ reason: string }, Shape<"ReturnApproval">>
      title={`Approve ${r.number}`}
      about="The goods may come. They are paid for when they are here, or at once where the policy says so."
      verb="Approve"
      values={{ reason: "" }}
      input={({ reason }) => ({ reason: reason.trim() || null, version: seen.version })}
      write={approve}
      close={close}
      seen={seen}
      what="return"
    >
      <TextIn name="reason" label="Why, if it needs saying" autoFocus />
    </Ask>
  );
}

type End = "decline" | "cancel" | "close";
const ENDS: Record<End, { about: string; verb: string; tone?: "error" }> = {
  decline: { about: "Nothing comes back and nothing is paid. The units may be asked for again.", verb: "Decline it", tone: "error" },
  cancel: { about: "The customer keeps the goods. The units may be asked for again.", verb: "Cancel it", tone: "error" },
  close: { about: "No more money goes back through the payments of the order: it went another way, or is not owed.", verb: "Close it" },
};

function EndIt({ record: r, close, end }: VerbProps<WholeReturn> & { end: End }) {
  const seen = useSeen(r.version);
  const { about, verb, tone } = ENDS[end];
  const write = useWrite(
    (body: Shape<"ReturnEnd">, once) => {
      const asked = { ...path(r), body, ...once };
      if (end === "decline") return answer(api.POST("/api/v1/returns/{return_id}/decline", asked));
      if (end === "cancel") return answer(api.POST("/api/v1/returns/{return_id}/cancel", asked));
      return answer(api.POST("/api/v1/returns/{return_id}/close", asked));
    },
    { touches: TOUCHES },
  );
  return (
    <Ask<{ reason: string }, Shape<"ReturnEnd">>
      title={`${verb.replace(" it", "")} ${r.number}`}
      about={about}
      verb={verb}
      tone={tone}
      values={{ reason: "" }}
      input={({ reason }) => ({ reason, version: seen.version })}
      write={write}
      close={close}
      seen={seen}
      what="return"
    >
      <TextIn name="reason" label="Why" required autoFocus />
    </Ask>
  );
}

export const Decline = (props: VerbProps<WholeReturn>) => <EndIt {...props} end="decline" />;
export const CancelIt = (props: VerbProps<WholeReturn>) => <EndIt {...props} end="cancel" />;
export const CloseIt = (props: VerbProps<WholeReturn>) => <EndIt {...props} end="close" />;

export function RefundAgain({ record: r, close }: VerbProps<WholeReturn>) {
  const notify = useNotify();
  const seen = useSeen(r.version);
  const again = useWrite(
    (body: Shape<"ReturnRefund">, once) => answer(api.POST("/api/v1/returns/{return_id}/refund", { ...path(r), body, ...once })),
    { touches: TOUCHES, done: () => notify("The refund is asked for again.") },
  );
  return (
    <Ask<{ to_credit: boolean }, Shape<"ReturnRefund">>
      title={`Refund ${r.number} again`}
      about="What is missing is asked for once more. What was given back already is not given again."
      verb="Ask again"
      values={{ to_credit: false }}
      input={({ to_credit }) => ({ to_credit, version: seen.version })}
      write={again}
      close={close}
      seen={seen}
      what="return"
    >
      <YesNo name="to_credit" label="As store credit of the customer" />
    </Ask>
  );
}

type Paid = { units: Record<string, string>; reason: string };

export function PayWithheld({ record: r, close }: VerbProps<WholeReturn>) {
  const seen = useSeen(r.version);
  const lines = r.lines.filter((l) => withheldOf(l) > 0);
  const pay = useWrite(
    (body: Shape<"WithheldUnits">, once) => answer(api.POST("/api/v1/returns/{return_id}/pay-withheld", { ...path(r), body, ...once })),
    { touches: TOUCHES },
  );
  return (
    <Ask<Paid, Shape<"WithheldUnits">>
      title="Pay for withheld units"
      about="These are here and cannot be sold again, so the policy does not pay for them by itself."
      verb="Pay for them"
      width="sm"
      values={{ units: Object.fromEntries(lines.map((l) => [`l${l.line_no}`, String(withheldOf(l))])), reason: "" }}
      input={({ units, reason }) => ({
        lines: lines.map((l) => ({ line_no: l.line_no, quantity: Number(units[`l${l.line_no}`]) || 0 })).filter((l) => l.quantity > 0),
        reason,
        version: seen.version,
      })}
      write={pay}
      close={close}
      seen={seen}
      what="return"
    >
      {lines.map((l) => (
        <div key={l.line_no} className="line-units">
          <div className="ellipsis">
            <span className="strong">{l.title}</span>
            <p className="faint small mono">{l.sku}</p>
          </div>
          <NumberIn name={`units.l${l.line_no}`} label={`Units of ${withheldOf(l)}`} min={0} max={withheldOf(l)} />
        </div>
      ))}
      <TextIn name="reason" label="Why" required autoFocus />
    </Ask>
  );
}
