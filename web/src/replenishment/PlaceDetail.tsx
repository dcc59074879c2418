import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { History } from "lucide-react";
import { Link, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { Chip } from "@/parts/Chip";
import { listHref } from "@/parts/links";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { Empty, Loaded } from "@/parts/states";
import { backTo, Neighbours } from "@/parts/walk";
import { When } from "@/parts/When";
import { NodeLink, SkuLink } from "@/stock/stock";
import { SupplierLink } from "@/suppliers/supplier";
import { Arithmetic } from "./Arithmetic";
import { useClasses } from "./Classes";
import { besides, placeHref, POLICIES, tryHref, type Class, type Policy, type Rule } from "./policies";
import { RemoveRuleButton, RuleButton } from "./PutRule";

/** One SKU at one node: how it is kept, by rule or by class, and what the last plan made of it. */
export function PlaceDetail() {
  const { node = "", sku = "" } = useParams();
  const query = { node_eq: node, sku_eq: sku, limit: 1 };
  const rule = useQuery({
    queryKey: ["replenishment-rules", "at", node, sku],
    queryFn: async () => (await answer(api.GET("/api/v1/replenishment-rules", { params: { query } }))).data[0] ?? null,
  });
  const plan = useQuery({
    queryKey: ["replenishment-plans", "at", node, sku],
    queryFn: async () => (await answer(api.GET("/api/v1/replenishment-plans", { params: { query } }))).data[0] ?? null,
  });
  const classes = useClasses();
  const place = { node, sku };
  const crumbs = [{ label: "Every place", to: backTo("replenishment-plans", "/replenishment/places") }];
  return (
    <Page
      title={`${sku} at ${node}`}
      crumbs={crumbs}
      chips={rule.data && <Chip state="rule" tone="info" />}
      about={rule.data ? "Kept by a rule. What it leaves open follows from the class." : "Kept as its class says."}
      actions={
        <>
          <Neighbours resource="replenishment-plans" id={`${node}|${sku}`} href={hrefOf} />
          {plan.data && (
            <Button component={Link} to={tryHref(node, sku)} startIcon={<History size={14} />}>
              Try a policy
            </Button>
          )}
          {rule.data !== undefined && <RuleButton place={place} rule={rule.data ?? undefined} />}
          {rule.data && <RemoveRuleButton rule={rule.data} />}
        </>
      }
    >
      <Columns
        main={
          <Loaded query={plan} lines={6}>
            {(p) => (p ? <Arithmetic of={p} /> : <Card><Empty title="Not planned yet">Plans look at what is sold and has ever lain at the node.</Empty></Card>)}
          </Loaded>
        }
        side={
          <>
            <Card title="How it is kept" flush>
              <Loaded query={rule}>
                {(r) => <Kept rule={r ?? undefined} of={classes.data?.data.find((c) => c.code === (plan.data?.class_code ?? r?.class_code))} />}
              </Loaded>
            </Card>
            {plan.data && (
              <Card title="Last plan">
                <Facts
                  facts={[
                    ["SKU", <SkuLink key="sku" sku={sku} />],
                    ["Node", <NodeLink key="node" node={node} />],
                    ["Made", <When key="at" at={plan.data.at} />],
                    ["Wanted", plan.data.suggested],
                    ["Bought from", plan.data.supplier ? <SupplierLink key="from" supplier={plan.data.supplier} /> : "nobody sells it"],
                    ["Suggestions", <Link key="all" className="link" to={listHref("list_suggestions", { sku_eq: sku, node_eq: node })}>all of this place</Link>],
                  ]}
                />
              </Card>
            )}
          </>
        }
      />
    </Page>
  );
}

function hrefOf(id: string): string {
  const [node = "", sku = ""] = id.split(/\|(.*)/s);
  return placeHref(node, sku);
}

/** The rule beside the class. What the rule leaves open holds as the class says. */
function Kept({ rule, of }: { rule: Rule | undefined; of: Class | undefined }) {
  const policy = (rule?.policy ?? of?.policy) as Policy | undefined;
  return (
    <>
      <Rows
        rows={besides(rule, of).filter((line) => line.here !== null || line.otherwise !== null)}
        keyOf={(line) => line.what}
        columns={[
          { id: "what", label: "", grow: true, render: (line) => line.what },
          { id: "here", label: "Rule", render: (line) => (line.here === null ? <span className="faint">–</span> : <span className="strong">{line.here}</span>) },
          { id: "otherwise", label: of ? `Class ${of.code}` : "Class", render: (line) => (line.here === null ? line.otherwise : <s className="faint">{line.otherwise}</s>) },
        ]}
      />
      {policy && <p className="quiet small card-line">{POLICIES[policy].said}</p>}
      {rule?.why && <p className="card-line">Why: {rule.why}</p>}
    </>
  );
}
