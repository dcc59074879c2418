import { useQuery } from "@tanstack/react-query";
import { useNotify } from "ra-core";
import { useNavigate, useParams } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { TextIn } from "@/parts/fields";
import { Page } from "@/parts/Page";
import { Loaded } from "@/parts/states";
import { placeHref, ruleBody, ruleValues, type Rule, type RuleValues } from "./policies";
import { RuleFields } from "./PutRule";
import { TryPage } from "./TryPage";

type Body = Shape<"RuleBody">;
type Place = { node: string; sku: string };

export function TryRule() {
  const { node = "", sku = "" } = useParams();
  const rule = useQuery({
    queryKey: ["replenishment-rules", "at", node, sku],
    queryFn: async () => (await answer(api.GET("/api/v1/replenishment-rules", { params: { query: { node_eq: node, sku_eq: sku, limit: 1 } } }))).data[0] ?? null,
  });
  const title = `Try a policy for ${sku} at ${node}`;
  const crumbs = [{ label: `${sku} at ${node}`, to: placeHref(node, sku) }];
  return (
    <Loaded query={rule} frame={(inside) => <Page title={title} crumbs={crumbs}>{inside}</Page>}>
      {(kept) => <TryAt place={{ node, sku }} rule={kept ?? undefined} title={title} crumbs={crumbs} />}
    </Loaded>
  );
}

function TryAt({ place, rule, title, crumbs }: { place: Place; rule?: Rule; title: string; crumbs: { label: string; to: string }[] }) {
  return (
    <TryPage<RuleValues, Body>
      title={title}
      crumbs={crumbs}
      values={ruleValues(place, rule)}
      bodyOf={(values) => ruleBody(values, rule?.version ?? null)}
      replay={({ body, days }, once) =>
        answer(api.POST("/api/v1/replenishment-rules/{node}/{sku}/replay", { params: { path: place }, body: { proposed: body, days }, ...once }))}
      use={(body, close) => <UseRule place={place} body={body} close={close} />}
    >
      <RuleFields />
    </TryPage>
  );
}

function UseRule({ place, body, close }: { place: Place; body: Body; close: () => void }) {
  const notify = useNotify();
  const navigate = useNavigate();
  const put = useWrite(
    (asked: Body, once) => answer(api.PUT("/api/v1/replenishment-rules/{node}/{sku}", { params: { path: place }, body: asked, ...once })),
    {
      touches: ["replenishment-rules", "replenishment-plans"],
      done: () => {
        notify(`${place.sku} at ${place.node} is kept so from the next plan on.`);
        void navigate(placeHref(place.node, place.sku));
      },
    },
  );
  return (
    <Ask<{ why: string }, Body>
      title={`Keep ${place.sku} at ${place.node} so`}
      about="It becomes the rule of this place, as it was tried, from the next plan on."
      verb="Use it"
      values={{ why: body.why ?? "" }}
      input={({ why }) => ({ ...body, why: why.trim() })}
      write={put}
      close={close}
    >
      <TextIn name="why" label="Why" required autoFocus help="For whoever finds this rule in a year" />
    </Ask>
  );
}
