import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { Coins } from "lucide-react";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ledger } from "@/credit/Ledger";
import { signedUnits } from "@/credit/Steps";
import { TOUCHES } from "@/credit/value";
import { Ask } from "@/parts/Ask";
import { TextIn } from "@/parts/fields";
import { Money } from "@/parts/Money";
import { Card } from "@/parts/Page";
import { useCan } from "@/parts/scopes";
import { Loaded } from "@/parts/states";

type Body = Shape<"CreditGiven">;

/** What the shop owes a customer by currency, with every change of it. */
export function StoreCredit({ id }: { id: string }) {
  const can = useCan();
  const asked = useQuery({
    queryKey: ["store-credit", "of", id],
    enabled: can("read_payments"),
    queryFn: () => answer(api.GET("/api/v1/store-credit", { params: { query: { customer_id_eq: id, expand: "entries", sort: "-balance" } } })),
  });
  if (!can("read_payments")) return null;
  return (
    <>
      <Card title="Store credit" action={can("refund_payments") && <GiveCredit id={id} />}>
        <Loaded query={asked}>
          {({ data }) =>
            data.length === 0 ? (
              <p className="faint">None</p>
            ) : (
              <div className="stack tight">
                {data.map((c) => (
                  <div key={c.id} className="row apart">
                    <span>{c.currency}</span>
                    <Money amount={c.balance} currency={c.currency} strong />
                  </div>
                ))}
              </div>
            )
          }
        </Loaded>
      </Card>
      {asked.data?.data.map((c) => <Ledger key={c.id} entries={c.entries ?? []} currency={c.currency} />)}
    </>
  );
}

function GiveCredit({ id }: { id: string }) {
  const [isOpen, setOpen] = useState(false);
  const give = useWrite(
    (body: Body, once) => answer(api.POST("/api/v1/customers/{customer_id}/store-credit", { params: { path: { customer_id: id } }, body, ...once })),
    { touches: TOUCHES },
  );
  return (
    <>
      <Button startIcon={<Coins size={14} />} onClick={() => setOpen(true)}>
        Give or take
      </Button>
      {isOpen && (
        <Ask<{ amount: string; currency: string; reason: string }, Body>
          title="Store credit"
          about="It pays the customer's orders in its currency. A minus before the amount takes some off."
          verb="Write it down"
          values={{ amount: "", currency: "EUR", reason: "" }}
          input={({ amount, currency, reason }) => {
            const of = currency.trim().toUpperCase();
            const minor = signedUnits(amount, of);
            return minor === null ? null : { amount: minor, currency: of, reason };
          }}
          write={give}
          close={() => setOpen(false)}
        >
          <TextIn name="amount" label="Amount" required autoFocus />
          <TextIn name="currency" label="Currency" required />
          <TextIn name="reason" label="Why" required placeholder="For the late parcel" />
        </Ask>
      )}
    </>
  );
}
