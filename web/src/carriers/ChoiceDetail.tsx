import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { Chip } from "@/parts/Chip";
import { Money } from "@/parts/Money";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { Loaded } from "@/parts/states";
import { When } from "@/parts/When";
import { share, type Offer } from "./carrier";
import { Offers } from "./Offers";
import { KINDS, when, type Rule } from "./rules";

type Choice = Shape<"CarrierChoice">;
type Fitting = { no: number; rule: Rule };
type Kept = { km?: number | null; grams?: number; promised_on?: string | null; value?: number; currency?: string; tags?: string[]; channel?: string; node?: string };
type Named = { by?: string; reason?: string | null; carrier?: string | null; service?: string | null };
type Tried = { instead_of: string; extra: number; cap_ppm: number; share_ppm: number; left: number; seen: number };

const CRUMBS = [{ label: "Carriers", to: "/carriers" }, { label: "Choices", to: "/carriers/choices" }];

export function ChoiceDetail() {
  const { id = "" } = useParams();
  const asked = useQuery({
    queryKey: ["carrier-choices", "detail", id],
    queryFn: () => answer(api.GET("/api/v1/carrier-choices/{choice_id}", { params: { path: { choice_id: id } } })),
  });
  return (
    <Loaded query={asked} frame={(inside) => <Page title="Why this carrier" crumbs={CRUMBS}>{inside}</Page>}>
      {(choice) => <Told of={choice} />}
    </Loaded>
  );
}

function Told({ of: c }: { of: Choice }) {
  const kept = c.facts as Kept;
  const fitting = c.rules as Fitting[];
  const named = c.asked as Named | null;
  const tried = c.explored as Tried | null;
  const policy = c.policy as { code?: string };
  const offers = c.offers as Offer[];
  const chosen = offers.find((o) => `${o.carrier} ${o.service}` === c.chosen);
  return (
    <Page
      title={c.chosen ?? "No service"}
      crumbs={CRUMBS}
      chips={<>{named && <Chip state="by hand" tone="info" label="By hand" />}{tried && <Chip state="tried" tone="accent" label="Tried" />}</>}
      about={c.why}
    >
      <Columns
        main={
          <>
            <Card title="Every offer" count={offers.length}><Offers offers={offers} chosen={c.chosen} /></Card>
            {chosen && (
              <Card title={`The price of ${c.chosen}`}>
                <Rows
                  rows={chosen.parts}
                  keyOf={(part) => part.kind}
                  columns={[
                    { id: "kind", label: "Part", render: (part) => part.kind.replaceAll("_", " ") },
                    { id: "why", label: "Why", grow: true, render: (part) => part.why },
                    { id: "amount", label: "Amount", align: "right", render: (part) => <Money amount={part.amount} currency={chosen.currency} /> },
                  ]}
                />
              </Card>
            )}
          </>
        }
        side={
          <Card title="What it was made from">
            <Facts
              facts={[
                ["When", <When key="at" at={c.at} />],
                ["Order", <Link key="o" className="link" to={`/orders/${c.order_id}`}>Open it</Link>],
                ["To", c.country],
                ["From", kept.node],
                ["Distance", kept.km ? `${kept.km.toLocaleString("en-GB")} km` : null],
                ["Weighs", `${c.weight_grams.toLocaleString("en-GB")} g`],
                ["Goods worth", kept.value !== undefined && kept.currency ? <Money key="v" amount={kept.value} currency={kept.currency} /> : null],
                ["Channel", kept.channel],
                ["Customer", kept.tags?.join(", ")],
                ["Promised", kept.promised_on],
                ["Policy", policy.code || "none: the price alone"],
                ["Rules", c.rule_set ? `version ${c.rule_set}` : "none"],
                ["Named by", named && `${named.by ?? ""}${named.reason ? `: ${named.reason}` : ""}`],
                ["Tried", tried && <span key="t">in place of {tried.instead_of}; of {share(tried.cap_ppm)} of the parcels; {chosen && <Money amount={tried.extra} currency={chosen.currency} />} more</span>],
              ]}
            />
            {fitting.map(({ no, rule }) => <p key={no} className="small quiet">Rule {no}: {KINDS[rule.kind].label} {(rule.services ?? []).join(" or ")} for {when(rule)}</p>)}
          </Card>
        }
      />
    </Page>
  );
}
