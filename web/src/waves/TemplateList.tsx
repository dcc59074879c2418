import Button from "@mui/material/Button";
import { useNotify } from "ra-core";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { Chip } from "@/parts/Chip";
import { TextIn, YesNo } from "@/parts/fields";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { NodeIn } from "@/parts/NodeIn";
import { useCan } from "@/parts/scopes";
import { useSeen } from "@/parts/seen";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { FilterIn } from "./FilterIn";
import { enteredOf, filterOf, filterText, SIBLINGS, type Entered } from "./wave";

type Template = Shape<"WaveTemplate">;
type Row = Template & { id: string };
type Body = Shape<"WaveTemplateBody">;
type Values = Entered & { node: string; code: string; name: string; times: string; releases: boolean; active: boolean };

/** What makes waves at times of the day. */
export function TemplateList() {
  const can = useCan();
  const [open, setOpen] = useState<Template | "new" | null>(null);
  const listing = useListing<Row>("wave-templates", { sort: "code" });
  const columns: Column<Row>[] = [
    { id: "code", label: "Template", sort: "code", render: (t) => <span className="mono strong">{t.code}</span> },
    { id: "node", label: "Node", sort: "node", render: (t) => t.node },
    { id: "name", label: "Name", render: (t) => t.name },
    { id: "filter", label: "Takes", grow: true, render: (t) => filterText(t.filter) },
    { id: "times", label: "At", render: (t) => t.times.join(", ") },
    { id: "next_at", label: "Next", sort: "next_at", render: (t) => (t.active ? <When at={t.next_at} /> : <Chip state="inactive" />) },
    { id: "last_said", label: "Last time", render: (t) => t.last_said ?? <span className="faint">never</span> },
    { id: "verbs", label: "", align: "right", render: (t) => can("write_settings") && <Button variant="text" onClick={() => setOpen(t)}>Change</Button> },
  ];
  return (
    <>
      <ListPage
        title="Waves by the clock"
        listing={listing}
        columns={columns}
        filters={[]}
        siblings={SIBLINGS}
        actions={can("write_settings") && <Button variant="contained" onClick={() => setOpen("new")}>New template</Button>}
        empty={<Empty title="No waves by the clock">A template makes a wave at times of the day, on the days that its node works.</Empty>}
      />
      {open && <PutTemplate template={open === "new" ? undefined : open} close={() => setOpen(null)} />}
    </>
  );
}

function PutTemplate({ template, close }: { template?: Template; close: () => void }) {
  const notify = useNotify();
  const seen = useSeen(template?.version ?? 0);
  const put = useWrite(
    ({ node, code, body }: { node: string; code: string; body: Body }, once) =>
      answer(api.PUT("/api/v1/nodes/{node}/wave-templates/{code}", { params: { path: { node, code } }, body, ...once })),
    { touches: ["wave-templates"], done: (_, { code }) => notify(`Template ${code} is saved.`) },
  );
  return (
    <Ask<Values, { node: string; code: string; body: Body }>
      title={template ? `Template ${template.code} of ${template.node}` : "New template"}
      about="Times are on the node's clock. Where nothing fits at a time, no wave is made."
      verb="Save"
      width="md"
      values={{
        ...enteredOf(template?.filter ?? {}), node: template?.node ?? "", code: template?.code ?? "", name: template?.name ?? "",
        times: template?.times.join(", ") ?? "", releases: template?.releases ?? true, active: template?.active ?? true,
      }}
      input={(v) => ({
        node: v.node,
        code: v.code.trim(),
        body: {
          name: v.name.trim(), filter: filterOf(v), times: v.times.split(",").map((t) => t.trim()).filter(Boolean),
          releases: v.releases, active: v.active, version: template ? seen.version : null,
        },
      })}
      write={put}
      close={close}
      seen={template && seen}
      what="template"
    >
      {!template && (
        <div className="form-grid">
          <NodeIn name="node" label="Node" required autoFocus />
          <TextIn name="code" label="Code" required mono />
        </div>
      )}
      <div className="form-grid">
        <TextIn name="name" label="Name" required />
        <TextIn name="times" label="At" required mono placeholder="08:00, 12:30" help="Several with commas" />
      </div>
      <FilterIn />
      <YesNo name="releases" label="On the floor at once; else somebody releases it" />
      <YesNo name="active" label="In use" />
    </Ask>
  );
}
