import { useNotify } from "ra-core";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { AskReason } from "@/parts/AskReason";
import { MoneyIn, SelectIn, TextIn } from "@/parts/fields";
import { decimal, minorUnits } from "@/parts/Money";
import { useSeen } from "@/parts/seen";
import { TOUCHES, type Trouble } from "./exception";

const path = (t: Trouble) => ({ params: { path: { exception_id: t.id } } });
type Done = Shape<"ExceptionDone">;
type Entered = { reason: string; amount: string; until: string; words: string };

const SAYS: Record<Done["action"], { title: string; about: string; verb: string; done: string }> = {
  wait: { title: "Wait for", about: "It is looked at again when the time is over, or when the carrier says something new.", verb: "Wait", done: "It waits." },
  contact: { title: "Ask the customer about", about: "The customer is written to, and three days later somebody looks again.", verb: "Write", done: "The customer is asked." },
  reship: { title: "Send the goods of", about: "An order at no price is placed for what was in the parcel, with units of its own. It happens once.", verb: "Send again", done: "The goods are being sent again." },
  refund: { title: "Refund", about: "The money goes back the way it came: never more than the goods were paid with, and than is left.", verb: "Refund", done: "The money goes back." },
  claim: { title: "Claim", about: "A claim to the carrier is drafted. It is filed with its evidence.", verb: "Draft a claim", done: "A claim is drafted." },
  close: { title: "Close", about: "Nothing more is to be done. It opens again by itself when something worse is heard.", verb: "Close it", done: "It is closed." },
};

function Act({ record: t, close, action }: VerbProps<Trouble> & { action: Done["action"] }) {
  const notify = useNotify();
  const seen = useSeen(t.version);
  const { title, about, verb, done } = SAYS[action];
  const act = useWrite(
    (body: Done, once) => answer(api.POST("/api/v1/parcel-exceptions/{exception_id}/act", { ...path(t), body, ...once })),
    { touches: TOUCHES, done: () => notify(done) },
  );
  return (
    <Ask<Entered, Done>
      title={`${title} ${t.number}${action === "reship" ? " again" : ""}`}
      about={about}
      verb={verb}
      values={{ reason: "", amount: decimal(t.goods_value, t.currency), until: "2", words: "Could you tell us whether the address is right, and when somebody is there?" }}
      input={({ reason, amount, until, words }) => ({
        action,
        reason,
        version: seen.version,
        ...(action === "refund" ? { amount: minorUnits(amount, t.currency) } : {}),
        ...(action === "wait" ? { until: new Date(Date.now() + Number(until) * 86_400_000).toISOString() } : {}),
        ...(action === "contact" ? { words } : {}),
      })}
      write={act}
      close={close}
      seen={seen}
      what="exception"
    >
      {action === "refund" && <MoneyIn name="amount" label="Amount" currency={t.currency} required />}
      {action === "wait" && <SelectIn name="until" label="For" choices={["1", "2", "3", "5", "7", "14"].map((value) => ({ value, label: value === "1" ? "a day" : `${value} days` }))} />}
      {action === "contact" && <TextIn name="words" label="What the customer reads" rows={3} required />}
      <TextIn name="reason" label="Why" required autoFocus />
    </Ask>
  );
}

export const Wait = (props: VerbProps<Trouble>) => <Act {...props} action="wait" />;
export const Contact = (props: VerbProps<Trouble>) => <Act {...props} action="contact" />;
export const Reship = (props: VerbProps<Trouble>) => <Act {...props} action="reship" />;
export const Refund = (props: VerbProps<Trouble>) => <Act {...props} action="refund" />;
export const ClaimIt = (props: VerbProps<Trouble>) => <Act {...props} action="claim" />;
export const CloseIt = (props: VerbProps<Trouble>) => <Act {...props} action="close" />;

export function Take({ record: t, close }: VerbProps<Trouble>) {
  const seen = useSeen(t.version);
  const take = useWrite(
    (body: Shape<"ExceptionPerson">, once) => answer(api.POST("/api/v1/parcel-exceptions/{exception_id}/take", { ...path(t), body, ...once })),
    { touches: TOUCHES },
  );
  return (
    <Ask<object, Shape<"ExceptionPerson">>
      title={`Look after ${t.number}`}
      about={t.assigned_to ? `${t.assigned_to} looks after it now.` : "Others see that somebody does."}
      verb="I do"
      values={{}}
      input={() => ({ version: seen.version })}
      write={take}
      close={close}
      seen={seen}
      what="exception"
    />
  );
}

export function Reopen({ record: t, close }: VerbProps<Trouble>) {
  return (
    <AskReason
      title={`Open ${t.number} again`}
      verb="Open it"
      of={t}
      what="exception"
      write={(body, once) => answer(api.POST("/api/v1/parcel-exceptions/{exception_id}/reopen", { ...path(t), body, ...once }))}
      touches={["parcel-exceptions", "orders"]}
      close={close}
    />
  );
}
