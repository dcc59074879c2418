import { useNotify } from "ra-core";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { useSeen } from "@/parts/seen";
import { TOUCHES } from "@/stock/stock";
import type { Transfer } from "./TransferList";

const path = (transfer: Transfer) => ({ params: { path: { transfer_id: transfer.id } } });

export function SendTransfer({ record: transfer, close }: VerbProps<Transfer>) {
  const notify = useNotify();
  const seen = useSeen(transfer.version);
  const send = useWrite(
    (body: Shape<"VersionBody">, once) =>
      answer(api.POST("/api/v1/transfers/{transfer_id}/send", { ...path(transfer), body, ...once })),
    { touches: ["transfers", ...TOUCHES], done: () => notify("It is on its way.") },
  );
  return (
    <Ask<object, Shape<"VersionBody">>
      title="Send the transfer"
      about={`The units leave ${transfer.from_node} now and belong to ${transfer.to_node}, in transit.`}
      verb="Send"
      values={{}}
      input={() => ({ version: seen.version })}
      write={send}
      close={close}
      seen={seen}
      what="transfer"
    />
  );
}

export function CancelTransfer({ record: transfer, close }: VerbProps<Transfer>) {
  const notify = useNotify();
  const cancel = useWrite(
    (_: object, once) => answer(api.POST("/api/v1/transfers/{transfer_id}/cancel", { ...path(transfer), ...once })),
    { touches: ["transfers"], done: () => notify("The transfer is cancelled.") },
  );
  return (
    <Ask<object, object>
      title="Cancel the transfer"
      about="It has not left, so nothing moves."
      verb="Cancel it"
      tone="error"
      values={{}}
      input={() => ({})}
      write={cancel}
      close={close}
    />
  );
}
