import { useNotify } from "ra-core";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { TextIn } from "@/parts/fields";
import { useSeen } from "@/parts/seen";
import { TOUCHES, type WholeExchange } from "./exchange";

const path = (x: WholeExchange) => ({ params: { path: { exchange_id: x.id } } });

export function Approve({ record: x, close }: VerbProps<WholeExchange>) {
  const seen = useSeen(x.version);
  const approve = useWrite(
    (body: Shape<"ExchangeApproval">, once) => answer(api.POST("/api/v1/exchanges/{exchange_id}/approve", { ...path(x), body, ...once })),
    { touches: TOUCHES },
  );
  return (
    <Ask<{ reason: string }, Shape<"ExchangeApproval">>
      title={`Approve ${x.number}`}
      about="The old goods may come, and the new ones are held for them. They leave when the old ones are here."
      verb="Approve"
      values={{ reason: "" }}
      input={({ reason }) => ({ reason: reason.trim() || null, version: seen.version })}
      write={approve}
      close={close}
      seen={seen}
      what="exchange"
    >
      <TextIn name="reason" label="Why, if it needs saying" autoFocus />
    </Ask>
  );
}

export function CancelIt({ record: x, close }: VerbProps<WholeExchange>) {
  const seen = useSeen(x.version);
  const cancel = useWrite(
    (body: Shape<"ExchangeEnd">, once) => answer(api.POST("/api/v1/exchanges/{exchange_id}/cancel", { ...path(x), body, ...once })),
    { touches: TOUCHES },
  );
  return (
    <Ask<{ reason: string }, Shape<"ExchangeEnd">>
      title={`Cancel ${x.number}`}
      about="The new goods go back to the shelf. What came back already is paid back to the customer."
      verb="Cancel it"
      tone="error"
      values={{ reason: "" }}
      input={({ reason }) => ({ reason, version: seen.version })}
      write={cancel}
      close={close}
      seen={seen}
      what="exchange"
    >
      <TextIn name="reason" label="Why" required autoFocus />
    </Ask>
  );
}

function Again({ record: x, close, what }: VerbProps<WholeExchange> & { what: "hold" | "order" }) {
  const notify = useNotify();
  const seen = useSeen(x.version);
  const told = what === "hold" ? "The goods are held for three more weeks, as far as they are there." : "The goods are ordered again.";
  const write = useWrite(
    (body: Shape<"ExchangeVersion">, once) => {
      const asked = { ...path(x), body, ...once };
      if (what === "hold") return answer(api.POST("/api/v1/exchanges/{exchange_id}/hold", asked));
      return answer(api.POST("/api/v1/exchanges/{exchange_id}/order", asked));
    },
    { touches: TOUCHES, done: () => notify(told) },
  );
  return (
    <Ask<object, Shape<"ExchangeVersion">>
      title={what === "hold" ? "Hold the new goods anew" : "Order the new goods again"}
      about={what === "hold" ? "They are kept for three weeks from now." : "What came back pays for them, as before."}
      verb={what === "hold" ? "Hold them" : "Order them"}
      values={{}}
      input={() => ({ version: seen.version })}
      write={write}
      close={close}
      seen={seen}
      what="exchange"
    />
  );
}

export const HoldAnew = (props: VerbProps<WholeExchange>) => <Again {...props} what="hold" />;
export const OrderAnew = (props: VerbProps<WholeExchange>) => <Again {...props} what="order" />;
