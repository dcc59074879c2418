import { useNotify } from "ra-core";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { SelectIn, TextIn } from "@/parts/fields";
import { at, TOUCHES, type Payment } from "./order";
import { tenderBody, TENDERS, type Tender } from "./tenders";

type Body = Shape<"OtherTender">;

export function ChangeTender({ record: payment, close }: VerbProps<Payment>) {
  const notify = useNotify();
  const change = useWrite(
    (body: Body, once) => answer(api.POST("/api/v1/orders/{order}/payments/change", { ...at(payment.order_id), body, ...once })),
    {
      touches: [...TOUCHES, "gift-cards", "store-credit"],
      done: (made) => notify(made.state === "authorised" ? "It is paid with that now." : "The provider was asked; until it answers nothing changes."),
    },
  );
  return (
    <Ask<Tender, Body>
      title="Pay with something else"
      about="All that the order is worth is paid anew. What paid it before is let go, or given back, once the new payment holds its money."
      verb="Change the payment"
      values={{ provider: "gift_card", token: "" }}
      input={tenderBody}
      write={change}
      close={close}
    >
      <SelectIn name="provider" label="Pays" choices={TENDERS} />
      <TextIn name="token" label="Code or token" help="The code on a gift card, or a card's token. Store credit needs none." mono autoFocus />
    </Ask>
  );
}
