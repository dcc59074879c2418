import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { TextIn, YesNo } from "@/parts/fields";
import { useSeen } from "@/parts/seen";
import { TOUCHES, type WholeClaim } from "./claim";

const path = (c: WholeClaim) => ({ params: { path: { claim_id: c.id } } });

const WILL: Record<string, string> = {
  refund: "What the units are worth goes back to the customer, with their share of the shipping.",
  replacement: "The goods are sent once more, without asking for money.",
  both: "A part is paid back, and the rest is sent once more.",
};

export function Approve({ record: c, close }: VerbProps<WholeClaim>) {
  const seen = useSeen(c.version);
  const approve = useWrite(
    (body: Shape<"ClaimApproval">, once) => answer(api.POST("/api/v1/claims/{claim_id}/approve", { ...path(c), body, ...once })),
    { touches: TOUCHES },
  );
  return (
    <Ask<{ reason: string }, Shape<"ClaimApproval">>
      title={`Make ${c.number} good`}
      about={WILL[c.resolution]}
      verb="Make it good"
      values={{ reason: "" }}
      input={({ reason }) => ({ reason: reason.trim() || null, version: seen.version })}
      write={approve}
      close={close}
      seen={seen}
      what="claim"
    >
      <TextIn name="reason" label="Why, if it needs saying" autoFocus />
    </Ask>
  );
}

function EndIt({ record: c, close, end }: VerbProps<WholeClaim> & { end: "deny" | "cancel" }) {
  const seen = useSeen(c.version);
  const write = useWrite(
    (body: Shape<"ClaimEnd">, once) => {
      const asked = { ...path(c), body, ...once };
      if (end === "deny") return answer(api.POST("/api/v1/claims/{claim_id}/deny", asked));
      return answer(api.POST("/api/v1/claims/{claim_id}/cancel", asked));
    },
    { touches: TOUCHES },
  );
  return (
    <Ask<{ reason: string }, Shape<"ClaimEnd">>
      title={end === "deny" ? `Deny ${c.number}` : `Cancel ${c.number}`}
      about={end === "deny" ? "Nothing is paid and nothing is sent. The units may be claimed or returned again." : "It is taken back. Goods that are ordered for it are called off, and paid back instead."}
      verb={end === "deny" ? "Deny it" : "Cancel it"}
      tone="error"
      values={{ reason: "" }}
      input={({ reason }) => ({ reason, version: seen.version })}
      write={write}
      close={close}
      seen={seen}
      what="claim"
    >
      <TextIn name="reason" label="Why" required autoFocus />
    </Ask>
  );
}

export const Deny = (props: VerbProps<WholeClaim>) => <EndIt {...props} end="deny" />;
export const CancelIt = (props: VerbProps<WholeClaim>) => <EndIt {...props} end="cancel" />;

export function RefundAgain({ record: c, close }: VerbProps<WholeClaim>) {
  const seen = useSeen(c.version);
  const again = useWrite(
    (body: Shape<"ClaimRefund">, once) => answer(api.POST("/api/v1/claims/{claim_id}/refund", { ...path(c), body, ...once })),
    { touches: TOUCHES },
  );
  return (
    <Ask<{ to_credit: boolean }, Shape<"ClaimRefund">>
      title={`Refund ${c.number} again`}
      about="What is missing is asked for once more. What was given back already is not given again."
      verb="Ask again"
      values={{ to_credit: false }}
      input={({ to_credit }) => ({ to_credit, version: seen.version })}
      write={again}
      close={close}
      seen={seen}
      what="claim"
    >
      <YesNo name="to_credit" label="As store credit of the customer" />
    </Ask>
  );
}
