import { useNotify } from "ra-core";
import type { ComponentType } from "react";
import { useNavigate } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { TextIn } from "@/parts/fields";

type DecideProps = { ids: string[]; close: () => void; done?: () => void };
export type Decision = { label: string; dialog: ComponentType<DecideProps> };

const many = (ids: string[]) => (ids.length === 1 ? "this suggestion" : `${ids.length} suggestions`);

export function OrderThem({ ids, close, done }: DecideProps) {
  const notify = useNotify();
  const navigate = useNavigate();
  const order = useWrite((body: Shape<"Ordered">, once) => answer(api.POST("/api/v1/suggestions/order", { body, ...once })), {
    touches: ["suggestions", "purchase-orders", "transfers"],
    done: ({ purchases, transfers }) => {
      done?.();
      const [only] = purchases as { id: string }[];
      const counted = (n: number, what: string) => n > 0 && `${n} ${what}${n === 1 ? "" : "s"}`;
      const made = [counted(purchases.length, "purchase order"), counted(transfers.length, "transfer")];
      notify(`Drafted: ${made.filter(Boolean).join(" and ")}.`);
      if (only && purchases.length === 1) void navigate(`/purchases/${only.id}`);
    },
  });
  return (
    <Ask<object, Shape<"Ordered">>
      title={`Order ${many(ids)}`}
      about="Drafts are made: one purchase order for each supplier and node, in the packs and sums that the supplier takes, and one transfer for each pair of nodes. Nothing is sent yet."
      verb="Make the drafts"
      values={{}}
      input={() => ({ suggestions: ids })}
      write={order}
      close={close}
    />
  );
}

export function SnoozeThem({ ids, close, done }: DecideProps) {
  const snooze = useWrite((body: Shape<"Snoozed">, once) => answer(api.POST("/api/v1/suggestions/snooze", { body, ...once })), {
    touches: ["suggestions"],
    done: () => done?.(),
  });
  const inAWeek = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
  return (
    <Ask<{ until: string; reason: string }, Shape<"Snoozed">>
      title={`Put ${many(ids)} aside`}
      about="Until that day nobody is asked about them."
      verb="Put aside"
      values={{ until: inAWeek, reason: "" }}
      input={(entered) => ({ ...entered, suggestions: ids })}
      write={snooze}
      close={close}
    >
      <TextIn name="until" label="Until" type="date" required />
      <TextIn name="reason" label="Why" required autoFocus />
    </Ask>
  );
}

export function RejectThem({ ids, close, done }: DecideProps) {
  const reject = useWrite((body: Shape<"Rejected">, once) => answer(api.POST("/api/v1/suggestions/reject", { body, ...once })), {
    touches: ["suggestions"],
    done: () => done?.(),
  });
  return (
    <Ask<{ reason: string }, Shape<"Rejected">>
      title={`Reject ${many(ids)}`}
      about="They come back tomorrow if they are still needed. For good, give the SKU the policy none."
      verb="Reject"
      tone="error"
      values={{ reason: "" }}
      input={(entered) => ({ ...entered, suggestions: ids })}
      write={reject}
      close={close}
    >
      <TextIn name="reason" label="Why" required autoFocus />
    </Ask>
  );
}

export const DECISIONS: Decision[] = [
  { label: "Order", dialog: OrderThem },
  { label: "Put aside", dialog: SnoozeThem },
  { label: "Reject", dialog: RejectThem },
];
