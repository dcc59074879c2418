import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { Card, Facts, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { Loaded } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { backTo } from "@/parts/walk";
import { When } from "@/parts/When";
import { Day, queueHref } from "./backorder";
import { policyText } from "./policy";

type Part = NonNullable<Shape<"FillDecision">["shares"]>[number];

const COLUMNS: Column<Part>[] = [
  { id: "no", label: "", render: (s) => s.no },
  { id: "order_id", label: "Order", render: (s) => <Link className="link" to={`/orders/${s.order_id}`}>Open</Link> },
  { id: "placed_at", label: "Waited since", render: (s) => <When at={s.placed_at} /> },
  { id: "promised_on", label: "Promised", render: (s) => <Day on={s.promised_on} /> },
  { id: "why", label: "Why", grow: true, render: (s) => s.why },
  { id: "passed", label: "Passed over before", align: "right", render: (s) => s.passed },
  { id: "wanted", label: "Wanted", align: "right", render: (s) => s.wanted },
  { id: "given", label: "Got", align: "right", render: (s) => <span className={s.given ? "strong" : "faint"}>{s.given}</span> },
];

/** One arrival: who got how many units, who was passed over, and why. */
export function DecisionPage() {
  const { id = "" } = useParams();
  const asked = useQuery({
    queryKey: ["fill-decisions", id],
    queryFn: () => answer(api.GET("/api/v1/fill-decisions/{decision_id}", { params: { path: { decision_id: id } } })),
  });
  const crumbs = [{ label: "Who got what", to: backTo("fill-decisions", "/backorders/decisions") }];
  return (
    <Loaded query={asked} frame={(inside) => <Page title="Who got what" crumbs={crumbs}>{inside}</Page>}>
      {(d) => (
        <Page title={`${d.given} of ${d.sku}`} crumbs={crumbs} about={<Link className="link" to={queueHref(d.sku, d.node)}>Who waits at {d.node}</Link>}>
          <Card>
            <Facts
              facts={[
                ["When", <When key="at" at={d.at} />],
                ["Free then", d.free],
                ["Waited for", d.waiting],
                ["Who went first", policyText(d.policy as Parameters<typeof policyText>[0])],
              ]}
            />
          </Card>
          <Card title="Who got them" flush>
            <Rows rows={d.shares ?? []} columns={COLUMNS} keyOf={(s) => String(s.no)} />
          </Card>
        </Page>
      )}
    </Loaded>
  );
}
