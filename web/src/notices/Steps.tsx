import { useNotify } from "ra-core";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { AskReason } from "@/parts/AskReason";
import { TextIn } from "@/parts/fields";
import { useSeen } from "@/parts/seen";
import { noonOf, TOUCHES, type WholeNotice } from "./notice";

const path = (n: WholeNotice) => ({ params: { path: { notice_id: n.id } } });
const expected = ({ expected_at }: { expected_at: string }) => `Expected ${expected_at.slice(0, 10)}.`;

export function Ship({ record: n, close }: VerbProps<WholeNotice>) {
  const seen = useSeen(n.version);
  const ship = useWrite(
    (body: Shape<"HandedOver">, once) => answer(api.POST("/api/v1/advance-notices/{notice_id}/ship", { ...path(n), body, ...once })),
    { touches: TOUCHES },
  );
  return (
    <Ask<{ day: string; carrier: string; tracking: string }, Shape<"HandedOver">>
      title={`${n.supplier} has handed ${n.number} over`}
      about="It is in transit from now on."
      verb="It was handed over"
      values={{ day: "", carrier: n.carrier ?? "", tracking: n.tracking ?? "" }}
      input={({ day, carrier, tracking }) => ({
        said_at: day ? noonOf(day) : null,
        carrier: carrier.trim() || null,
        tracking: tracking.trim() || null,
        version: seen.version,
      })}
      write={ship}
      close={close}
      seen={seen}
      what="notice"
    >
      <TextIn name="carrier" label="Carrier" autoFocus />
      <TextIn name="tracking" label="Tracking" mono />
      <TextIn name="day" label="Comes on" type="date" help="Empty: as they said before" />
    </Ask>
  );
}

export function Postpone({ record: n, close }: VerbProps<WholeNotice>) {
  const notify = useNotify();
  const seen = useSeen(n.version);
  const postpone = useWrite(
    (body: Shape<"NewDate">, once) => answer(api.POST("/api/v1/advance-notices/{notice_id}/postpone", { ...path(n), body, ...once })),
    { touches: TOUCHES, done: (now) => notify(expected(now)) },
  );
  return (
    <Ask<{ day: string; reason: string }, Shape<"NewDate">>
      title={`Another date for ${n.number}`}
      about="The day that the supplier says. When to reckon with it is learned from how it kept its dates before."
      verb="Write it down"
      values={{ day: (n.said_at ?? n.expected_at).slice(0, 10), reason: "" }}
      input={({ day, reason }) => ({ said_at: noonOf(day), reason, version: seen.version })}
      write={postpone}
      close={close}
      seen={seen}
      what="notice"
    >
      <TextIn name="day" label="Comes on" type="date" required autoFocus />
      <TextIn name="reason" label="Why" required />
    </Ask>
  );
}

export function Arrive({ record: n, close }: VerbProps<WholeNotice>) {
  const seen = useSeen(n.version);
  const arrive = useWrite(
    (body: Shape<"NoticeVersion">, once) => answer(api.POST("/api/v1/advance-notices/{notice_id}/arrive", { ...path(n), body, ...once })),
    { touches: TOUCHES },
  );
  return (
    <Ask<object, Shape<"NoticeVersion">>
      title={`${n.number} is at ${n.node}`}
      about="Nothing of it is counted by that: it is received scan by scan. How late it came is remembered of the supplier."
      verb="It is here"
      values={{}}
      input={() => ({ version: seen.version })}
      write={arrive}
      close={close}
      seen={seen}
      what="notice"
    />
  );
}

export function CloseIt({ record: n, close }: VerbProps<WholeNotice>) {
  return (
    <AskReason
      title={`Close ${n.number}`}
      about={`${n.short} of ${n.units} units were not there. They stay open on their purchase orders.`}
      verb="Close it"
      of={n}
      what="notice"
      write={(body, once) => answer(api.POST("/api/v1/advance-notices/{notice_id}/close", { ...path(n), body, ...once }))}
      touches={TOUCHES}
      close={close}
    />
  );
}

export function CancelIt({ record: n, close }: VerbProps<WholeNotice>) {
  return (
    <AskReason
      title={`Cancel ${n.number}`}
      about="Nothing comes of it. Its packages may be on another notice then; its purchase orders wait as before."
      verb="Cancel it"
      tone="error"
      of={n}
      what="notice"
      write={(body, once) => answer(api.POST("/api/v1/advance-notices/{notice_id}/cancel", { ...path(n), body, ...once }))}
      touches={TOUCHES}
      close={close}
    />
  );
}
