import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { TextIn } from "@/parts/fields";
import { minorUnits, Money } from "@/parts/Money";
import { useSeen } from "@/parts/seen";
import { TOUCHES, type Credit, type GiftCard } from "./value";

/** Minor units of what was typed, which may begin with a minus. */
export function signedUnits(typed: string, currency: string): number | null {
  const text = typed.trim().replace(/^\u2212/, "-");
  const minor = minorUnits(text.replace(/^-/, ""), currency);
  if (minor === null || minor === 0) return null;
  return text.startsWith("-") ? -minor : minor;
}

export function Adjust({ record: of, close }: VerbProps<GiftCard | Credit>) {
  const seen = useSeen(of.version);
  const adjust = useWrite(
    (body: Shape<"BalanceAdjustment">, once) =>
      answer(api.POST("/api/v1/stored-values/{value_id}/adjust", { params: { path: { value_id: of.id } }, body, ...once })),
    { touches: TOUCHES },
  );
  return (
    <Ask<{ amount: string; reason: string }, Shape<"BalanceAdjustment">>
      title="Adjust the balance"
      about={<>There are <Money amount={of.balance} currency={of.currency} strong /> on it. A minus before the amount takes some off.</>}
      verb="Adjust"
      values={{ amount: "", reason: "" }}
      input={({ amount, reason }) => {
        const minor = signedUnits(amount, of.currency);
        return minor === null ? null : { amount: minor, reason, version: seen.version };
      }}
      write={adjust}
      close={close}
      seen={seen}
      what="balance"
    >
      <TextIn name="amount" label={`Amount in ${of.currency}`} required autoFocus />
      <TextIn name="reason" label="Why" required />
    </Ask>
  );
}

export function NewCode({ record: card, close, told }: VerbProps<GiftCard> & { told: (code: string | null) => void }) {
  const renew = useWrite(
    (body: Shape<"NewCodeBody">, once) =>
      answer(api.POST("/api/v1/gift-cards/{card_id}/new-code", { params: { path: { card_id: card.id } }, body, ...once })),
    { touches: TOUCHES, done: (made) => told(made.code) },
  );
  return (
    <Ask<Shape<"NewCodeBody">, Shape<"NewCodeBody">>
      title="Give it another code"
      about="The old code is worth nothing from now on. The new one is shown once."
      verb="Make a new code"
      values={{ reason: "" }}
      input={({ reason }) => ({ reason })}
      write={renew}
      close={close}
    >
      <TextIn name="reason" label="Why" required autoFocus placeholder="The letter was lost" />
    </Ask>
  );
}

function BlockIt({ record: card, close, blocked }: VerbProps<GiftCard> & { blocked: boolean }) {
  const seen = useSeen(card.version);
  const block = useWrite(
    (body: Shape<"BlockBody">, once) =>
      answer(api.POST("/api/v1/gift-cards/{card_id}/block", { params: { path: { card_id: card.id } }, body, ...once })),
    { touches: TOUCHES },
  );
  return (
    <Ask<{ reason: string }, Shape<"BlockBody">>
      title={blocked ? "Block the card" : "Let it pay again"}
      about={blocked ? "It pays for nothing until it is let go again. What is refunded still goes onto it." : "Whoever has its code may spend it again."}
      verb={blocked ? "Block it" : "Let it pay"}
      tone={blocked ? "error" : "primary"}
      values={{ reason: "" }}
      input={({ reason }) => ({ blocked, reason, version: seen.version })}
      write={block}
      close={close}
      seen={seen}
      what="gift card"
    >
      <TextIn name="reason" label="Why" required autoFocus />
    </Ask>
  );
}

export const Block = (props: VerbProps<GiftCard>) => <BlockIt {...props} blocked />;
export const Unblock = (props: VerbProps<GiftCard>) => <BlockIt {...props} blocked={false} />;
