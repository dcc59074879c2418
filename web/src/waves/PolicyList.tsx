import Button from "@mui/material/Button";
import { useNotify } from "ra-core";
import { useState } from "react";
import { useWatch } from "react-hook-form";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { NumberIn, SelectIn } from "@/parts/fields";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { NodeIn } from "@/parts/NodeIn";
import { useCan } from "@/parts/scopes";
import { useSeen } from "@/parts/seen";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { SIBLINGS } from "./wave";

type Policy = Shape<"ReleasePolicy">;
type Row = Policy & { id: string };
type Body = Shape<"ReleasePolicyBody">;
type Values = { node: string; mode: Body["mode"]; minutes_before: number | string };

const MODES = [
  { value: "streaming", label: "At once, as soon as it is ready" },
  { value: "cut_off", label: "Before the cut-off that it is promised for" },
  { value: "waves", label: "With a wave" },
];
const said = (mode: string) => MODES.find((m) => m.value === mode)?.label ?? mode;

/** How each node puts work on its floor. */
export function PolicyList() {
  const can = useCan();
  const [open, setOpen] = useState<Policy | "new" | null>(null);
  const listing = useListing<Row>("release-policies", { sort: "node" });
  const columns: Column<Row>[] = [
    { id: "node", label: "Node", sort: "node", render: (p) => <span className="strong">{p.node}</span> },
    { id: "mode", label: "Releases", sort: "mode", grow: true, render: (p) => said(p.mode) },
    { id: "minutes_before", label: "Minutes before", align: "right", render: (p) => (p.mode === "cut_off" ? p.minutes_before : <span className="faint">–</span>) },
    { id: "updated_at", label: "Changed", render: (p) => <When at={p.updated_at} /> },
    { id: "verbs", label: "", align: "right", render: (p) => can("write_settings") && <Button variant="text" onClick={() => setOpen(p)}>Change</Button> },
  ];
  return (
    <>
      <ListPage
        title="How nodes release"
        listing={listing}
        columns={columns}
        filters={[]}
        siblings={SIBLINGS}
        actions={can("write_settings") && <Button variant="contained" onClick={() => setOpen("new")}>Set a node's way</Button>}
        empty={<Empty title="Every node streams">What is ready is on the floor at once.</Empty>}
      />
      {open && <PutPolicy policy={open === "new" ? undefined : open} close={() => setOpen(null)} />}
    </>
  );
}

function PutPolicy({ policy, close }: { policy?: Policy; close: () => void }) {
  const notify = useNotify();
  const seen = useSeen(policy?.version ?? 0);
  const put = useWrite(
    ({ node, body }: { node: string; body: Body }, once) =>
      answer(api.PUT("/api/v1/nodes/{node}/release-policy", { params: { path: { node } }, body, ...once })),
    { touches: ["release-policies", "fulfilments"], done: (state) => notify(`${state.node}: ${said(state.mode).toLowerCase()}.`) },
  );
  return (
    <Ask<Values, { node: string; body: Body }>
      title={policy ? `How ${policy.node} releases` : "How a node releases"}
      about="What waits is looked at anew. What is on the floor stays there."
      verb="Save"
      values={{ node: policy?.node ?? "", mode: policy?.mode as Body["mode"] ?? "waves", minutes_before: policy?.minutes_before ?? 240 }}
      input={(v) => ({ node: v.node, body: { mode: v.mode, minutes_before: Number(v.minutes_before), version: policy ? seen.version : null } })}
      write={put}
      close={close}
      seen={policy && seen}
      what="setting"
    >
      {!policy && <NodeIn name="node" label="Node" required autoFocus />}
      <SelectIn name="mode" label="Work comes to the floor" choices={MODES} required />
      <Minutes />
    </Ask>
  );
}

function Minutes() {
  if (useWatch<Values, "mode">({ name: "mode" }) !== "cut_off") return null;
  return <NumberIn name="minutes_before" label="Minutes before the node's cut-off" min={0} max={10080} required help="Carriers' cut-offs have their own" />;
}
