import { useNotify } from "ra-core";
import { answer, api } from "@/api/client";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { at, TOUCHES, type Order } from "./order";

export function CloseOrder({ record: order, close }: VerbProps<Order>) {
  const notify = useNotify();
  const closing = useWrite((_: object, once) => answer(api.POST("/api/v1/orders/{order}/close", { ...at(order.id), ...once })), {
    touches: TOUCHES,
    done: () => notify(`Order ${order.number} is closed.`),
  });
  return (
    <Ask<object, object>
      title={`Close order ${order.number}`}
      about="Nothing is expected to happen to it any more. It stays in every list and report."
      verb="Close the order"
      values={{}}
      input={() => ({})}
      write={closing}
      close={close}
    />
  );
}
