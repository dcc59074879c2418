import Button from "@mui/material/Button";
import { useNotify } from "ra-core";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { NumberIn, SelectIn, TextIn } from "@/parts/fields";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { RemoveButton } from "@/parts/RemoveButton";
import { useCan } from "@/parts/scopes";
import { useSeen } from "@/parts/seen";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { SIBLINGS } from "./backorder";
import { classesOf, classesText, policyText, RANKINGS } from "./policy";

type Policy = Shape<"FillPolicy">;
type Row = Policy & { id: string };
type Body = Shape<"FillPolicyBody">;
type Ranking = Body["ranking"][number];
type Values = { node: string; first: string; second: string; third: string; classes: string; most_passed: number; most_days: number | "" };

/** Who goes first, node by node. */
export function PolicyList() {
  const can = useCan();
  const [open, setOpen] = useState<Policy | "new" | null>(null);
  const listing = useListing<Row>("fill-policies", { sort: "node" });
  const columns: Column<Row>[] = [
    { id: "node", label: "Node", sort: "node", render: (p) => (p.node === "*" ? "every other" : p.node) },
    { id: "ranking", label: "Who goes first", grow: true, render: (p) => policyText({ ...p, classes: p.classes as Body["classes"] & object }) },
    { id: "updated_at", label: "Changed", sort: "updated_at", render: (p) => <When at={p.updated_at} /> },
    { id: "verbs", label: "", align: "right", render: (p) => can("write_settings") && (
      <span className="row">
        <Button variant="text" onClick={() => setOpen(p)}>Change</Button>
        <RemoveButton
          name={`Remove the policy of ${p.node}`}
          title="Remove the policy"
          about={p.node === "*" ? "Nodes without a policy of their own serve who came first." : `${p.node} goes by the policy of every other node, or serves who came first.`}
          write={(_, once) => answer(api.DELETE("/api/v1/fill-policies/{node}", { params: { path: { node: p.node } }, headers: { ...once.headers, "If-Match": `"${p.version}"` } }))}
          touches={["fill-policies", "backorders", "backorder-promises"]}
        />
      </span>
    ) },
  ];
  return (
    <>
      <ListPage
        title="Who goes first"
        listing={listing}
        columns={columns}
        filters={[]}
        siblings={SIBLINGS}
        actions={can("write_settings") && <Button variant="contained" onClick={() => setOpen("new")}>Write a policy</Button>}
        empty={<Empty title="First come, first served">No policy is written; nobody is served before who came earlier.</Empty>}
      />
      {open && <PutPolicy policy={open === "new" ? undefined : open} close={() => setOpen(null)} />}
    </>
  );
}

const CHOICES = [{ value: "", label: "–" }, ...Object.entries(RANKINGS).map(([value, label]) => ({ value, label }))];

export function PutPolicy({ policy, close }: { policy?: Policy; close: () => void }) {
  const notify = useNotify();
  const seen = useSeen(policy?.version ?? 0);
  const put = useWrite(
    ({ node, body }: { node: string; body: Body }, once) =>
      answer(api.PUT("/api/v1/fill-policies/{node}", { params: { path: { node } }, body, ...once })),
    { touches: ["fill-policies", "backorders", "backorder-promises"], done: () => notify("From the next arrival on.") },
  );
  const [first = "placed", second = "", third = ""] = policy?.ranking ?? [];
  return (
    <Ask<Values, { node: string; body: Body }>
      title={policy ? `Who goes first at ${policy.node === "*" ? "every other node" : policy.node}` : "Who goes first"}
      about="What is named first decides first; whoever is equal by all of it goes by who came first."
      verb="Save"
      values={{
        node: policy?.node ?? "*", first, second, third, classes: classesText((policy?.classes ?? []) as { tag: string; of: string }[]),
        most_passed: policy?.most_passed ?? 3, most_days: policy?.most_days ?? "",
      }}
      input={(v) => ({
        node: v.node.trim(),
        body: {
          ranking: [v.first, v.second, v.third].filter(Boolean) as Ranking[],
          classes: classesOf(v.classes),
          most_passed: Number(v.most_passed),
          most_days: v.most_days === "" ? null : Number(v.most_days),
          version: seen.version || null,
        },
      })}
      write={put}
      close={close}
      seen={policy && seen}
      what="policy"
      width="sm"
    >
      {!policy && <TextIn name="node" label="Node" mono required help="* for every node without a policy of its own" />}
      <SelectIn name="first" label="First by" choices={CHOICES.slice(1)} required />
      <SelectIn name="second" label="Then by" choices={CHOICES} />
      <SelectIn name="third" label="Then by" choices={CHOICES} />
      <TextIn name="classes" label="Classes, the best first" help="Tags of customers; order:rush is a tag of the order, class:wholesale a customer's class" />
      <NumberIn name="most_passed" label="Passed over at most" min={0} required help="Times that later ones may be served before somebody" />
      <NumberIn name="most_days" label="Or for days" min={1} help="Empty: no such bound" />
    </Ask>
  );
}
