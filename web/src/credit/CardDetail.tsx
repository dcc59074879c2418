import { useQuery } from "@tanstack/react-query";
import { Ban, CircleCheck, KeyRound, Scale } from "lucide-react";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { Actions, type Verb } from "@/parts/Actions";
import { Chip } from "@/parts/Chip";
import { Money } from "@/parts/Money";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Loaded } from "@/parts/states";
import { backTo, Neighbours } from "@/parts/walk";
import { When } from "@/parts/When";
import { CodeOnce } from "./IssueCard";
import { Ledger } from "./Ledger";
import { Adjust, Block, NewCode, Unblock } from "./Steps";
import { cardHref, cardName, type GiftCard } from "./value";

export function CardDetail() {
  const { id = "" } = useParams();
  const [code, setCode] = useState<string | null>(null);
  const asked = useQuery({
    queryKey: ["gift-cards", "detail", id],
    queryFn: () => answer(api.GET("/api/v1/gift-cards/{card_id}", { params: { path: { card_id: id } } })),
  });
  const verbs: Record<string, Verb<GiftCard>> = {
    adjust: { label: "Adjust", icon: Scale, scope: "refund_payments", dialog: Adjust },
    new_code: { label: "New code", icon: KeyRound, scope: "refund_payments", dialog: (props) => <NewCode {...props} told={setCode} /> },
    block: { label: "Block", icon: Ban, tone: "error", scope: "write_payments", dialog: Block },
    unblock: { label: "Let it pay again", icon: CircleCheck, scope: "write_payments", dialog: Unblock },
  };
  const crumbs = [{ label: "Gift cards", to: backTo("gift-cards", "/gift-cards") }];
  return (
    <Loaded query={asked} frame={(inside) => <Page title="Gift card" crumbs={crumbs}>{inside}</Page>}>
      {(c) => (
        <Page
          title={`Gift card ${cardName(c)}`}
          crumbs={crumbs}
          chips={c.blocked ? <Chip state="blocked" tone="bad" /> : <Chip state="active" />}
          about={<>Issued <When at={c.created_at} /></>}
          actions={
            <>
              <Neighbours resource="gift-cards" id={c.id} href={cardHref} />
              <Actions record={c} next={c.next} verbs={verbs} />
            </>
          }
        >
          <Columns
            main={<Ledger entries={c.entries ?? []} currency={c.currency} />}
            side={
              <Card title="About">
                <Facts
                  facts={[
                    ["Balance", <Money key="balance" amount={c.balance} currency={c.currency} strong />],
                    ["Expires", c.expires_at ? <When key="expires" at={c.expires_at} /> : "Never"],
                    ["Customer", c.customer_id && <Link key="customer" className="link" to={`/customers/${c.customer_id}`}>{c.customer ?? "Without a name"}</Link>],
                    ["Note", c.note],
                  ]}
                />
              </Card>
            }
          />
          {code && <CodeOnce code={code} close={() => setCode(null)} />}
        </Page>
      )}
    </Loaded>
  );
}
