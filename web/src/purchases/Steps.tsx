import { useNotify } from "ra-core";
import { Link } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { AskReason } from "@/parts/AskReason";
import { TextIn } from "@/parts/fields";
import { listHref } from "@/parts/links";
import { moneyText } from "@/parts/Money";
import { useSeen } from "@/parts/seen";
import type { Purchase } from "./PurchaseList";

const path = (p: Purchase) => ({ params: { path: { purchase_id: p.id } } });
const touches = ["purchase-orders" as const];

export function Approve({ record: p, close }: VerbProps<Purchase>) {
  const seen = useSeen(p.version);
  const approve = useWrite(
    (body: Shape<"PurchaseVersion">, once) => answer(api.POST("/api/v1/purchase-orders/{purchase_id}/approve", { ...path(p), body, ...once })),
    { touches },
  );
  return (
    <Ask<object, Shape<"PurchaseVersion">>
      title={`Approve ${p.number}`}
      about={`${moneyText(p.total, p.currency)} to ${p.supplier}. From now on it counts as on order.`}
      verb="Approve"
      values={{}}
      input={() => ({ version: seen.version })}
      write={approve}
      close={close}
      seen={seen}
      what="purchase order"
      helps={(refused) =>
        refused.code === "above_approval_limit" && (
          <p>
            <Link className="link" to={listHref("list_approval_limits", { currency_eq: p.currency })}>Who may approve how much in {p.currency}</Link>
          </p>
        )
      }
    />
  );
}

export function Send({ record: p, close }: VerbProps<Purchase>) {
  const notify = useNotify();
  const seen = useSeen(p.version);
  const send = useWrite(
    (body: Shape<"PurchaseVersion">, once) => answer(api.POST("/api/v1/purchase-orders/{purchase_id}/send", { ...path(p), body, ...once })),
    { touches, done: ({ expected_at }) => notify(`Expected ${expected_at?.slice(0, 10) ?? "some day"}.`) },
  );
  return (
    <Ask<object, Shape<"PurchaseVersion">>
      title={`${p.number} went to the supplier`}
      about="It is mailed to the supplier where an address of it and a mail server are known; otherwise say so once the supplier has it. Lines without a date are expected after the quoted lead time."
      verb="It was sent"
      values={{}}
      input={() => ({ version: seen.version })}
      write={send}
      close={close}
      seen={seen}
      what="purchase order"
    />
  );
}

/** Once more, or because it could not go before: as the order stands now. */
export function MailIt({ record: p, close }: VerbProps<Purchase>) {
  const notify = useNotify();
  const mail = useWrite(
    (body: Shape<"MailAgain">, once) => answer(api.POST("/api/v1/purchase-orders/{purchase_id}/mail", { ...path(p), body, ...once })),
    { touches, done: ({ state }) => notify(state === "kept" ? "It is kept: there is no mail server." : "It is on its way.") },
  );
  return (
    <Ask<{ reason: string }, Shape<"MailAgain">>
      title={`Mail ${p.number} to ${p.supplier}`}
      about="With the order attached as it stands now."
      verb="Mail it"
      values={{ reason: "" }}
      input={({ reason }) => ({ reason })}
      write={mail}
      close={close}
    >
      <TextIn name="reason" label="Why" required autoFocus />
    </Ask>
  );
}

export function Confirm({ record: p, close }: VerbProps<Purchase>) {
  const seen = useSeen(p.version);
  const confirm = useWrite(
    (body: Shape<"Confirmation">, once) => answer(api.POST("/api/v1/purchase-orders/{purchase_id}/confirm", { ...path(p), body, ...once })),
    { touches },
  );
  return (
    <Ask<{ day: string; reference: string }, Shape<"Confirmation">>
      title={`${p.supplier} has confirmed ${p.number}`}
      verb="Write it down"
      values={{ day: p.expected_at?.slice(0, 10) ?? "", reference: p.reference ?? "" }}
      input={({ day, reference }) => ({
        expected_at: day ? `${day}T12:00:00Z` : null,
        reference: reference.trim() || null,
        lines: [],
        version: seen.version,
      })}
      write={confirm}
      close={close}
      seen={seen}
      what="purchase order"
    >
      <TextIn name="day" label="Promised for" type="date" autoFocus />
      <TextIn name="reference" label="Their number" />
    </Ask>
  );
}

export function ShortCloseIt({ record: p, close }: VerbProps<Purchase>) {
  return (
    <AskReason
      title={`Close ${p.number} short`}
      about="What has not come is not expected any more."
      verb="Close it short"
      tone="error"
      of={p}
      what="purchase order"
      write={(body, once) =>
        answer(api.POST("/api/v1/purchase-orders/{purchase_id}/short-close", { ...path(p), body: { ...body, lines: [] }, ...once }))
      }
      touches={touches}
      close={close}
    />
  );
}

export function CancelIt({ record: p, close }: VerbProps<Purchase>) {
  return (
    <AskReason
      title={`Cancel ${p.number}`}
      verb="Cancel it"
      tone="error"
      of={p}
      what="purchase order"
      write={(body, once) => answer(api.POST("/api/v1/purchase-orders/{purchase_id}/cancel", { ...path(p), body, ...once }))}
      touches={touches}
      close={close}
    />
  );
}
