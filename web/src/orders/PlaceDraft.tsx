import { useNotify } from "ra-core";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { Money } from "@/parts/Money";
import { useSeen } from "@/parts/seen";
import { at, TOUCHES, type Order } from "./order";

export function PlaceDraft({ record: order, close }: VerbProps<Order>) {
  const notify = useNotify();
  const seen = useSeen(order.version);
  const place = useWrite(
    (body: Shape<"PlaceBody">, once) => answer(api.POST("/api/v1/orders/{order}/place", { ...at(order.id), body, ...once })),
    { touches: TOUCHES, done: () => notify(`Order ${order.number} is placed.`) },
  );
  return (
    <Ask<object, Shape<"PlaceBody">>
      title={`Place order ${order.number}`}
      about={
        <>
          At the prices it shows, <Money amount={order.total_now} currency={order.currency} strong /> in all. Stock is
          allocated now, or the order is refused.
        </>
      }
      verb="Place order"
      values={{}}
      input={() => ({ version: seen.version })}
      write={place}
      close={close}
      seen={seen}
      what="order"
    />
  );
}
