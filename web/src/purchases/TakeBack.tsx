import { useNotify } from "ra-core";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { TextIn } from "@/parts/fields";
import { useSeen } from "@/parts/seen";
import { TOUCHES } from "@/stock/stock";

export type GoodsReceipt = Shape<"GoodsReceipt">;

export function TakeBack({ record: receipt, close }: VerbProps<GoodsReceipt>) {
  const notify = useNotify();
  const seen = useSeen(receipt.version);
  const back = useWrite(
    (body: Shape<"WrongReceipt">, once) =>
      answer(api.POST("/api/v1/receipts/{receipt_id}/take-back", { params: { path: { receipt_id: receipt.id } }, body, ...once })),
    { touches: ["receipts", "purchase-orders", ...TOUCHES], done: () => notify(`${receipt.number} is taken back.`) },
  );
  return (
    <Ask<{ reason: string }, Shape<"WrongReceipt">>
      title={`Take ${receipt.number} back`}
      about="All of its goods leave the books again, and the order waits for them as before. It works while they lie where they were put and nobody was promised them."
      verb="Take it back"
      tone="error"
      values={{ reason: "" }}
      input={({ reason }) => ({ reason, version: seen.version })}
      write={back}
      close={close}
      seen={seen}
      what="receipt"
    >
      <TextIn name="reason" label="Why" required autoFocus />
    </Ask>
  );
}
