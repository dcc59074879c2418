import Button from "@mui/material/Button";
import { useNotify } from "ra-core";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { Chip } from "@/parts/Chip";
import { NumberIn, TextIn, YesNo } from "@/parts/fields";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { NodeIn } from "@/parts/NodeIn";
import { useCan } from "@/parts/scopes";
import { useSeen } from "@/parts/seen";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { SIBLINGS } from "./wave";

type CutOff = Shape<"CarrierCutOff">;
type Row = CutOff & { id: string };
type Body = Shape<"CarrierCutOffBody">;
type Values = {
  node: string; code: string; carrier: string; service: string; cut_off: string; minutes_before: number | string;
  channel: string; tag: string; country: string; rank: number | string; active: boolean;
};

const orders = (c: CutOff) =>
  [c.channel !== "*" && c.channel, c.tag !== "*" && `tagged ${c.tag}`, c.country !== "*" && `to ${c.country}`].filter(Boolean).join(", ") || "all";

/** When carriers fetch, and which orders are meant for them. */
export function CutOffList() {
  const can = useCan();
  const [open, setOpen] = useState<CutOff | "new" | null>(null);
  const listing = useListing<Row>("carrier-cut-offs", { sort: "rank" });
  const columns: Column<Row>[] = [
    { id: "code", label: "Cut-off", sort: "code", render: (c) => <span className="mono strong">{c.code}</span> },
    { id: "node", label: "Node", sort: "node", render: (c) => c.node },
    { id: "service", label: "Service", render: (c) => `${c.carrier} ${c.service}` },
    { id: "cut_off", label: "At", render: (c) => c.cut_off.slice(0, 5) },
    { id: "minutes_before", label: "Released before, min", align: "right", render: (c) => c.minutes_before },
    { id: "channel", label: "Orders", grow: true, render: orders },
    { id: "rank", label: "Asked", sort: "rank", align: "right", render: (c) => c.rank },
    { id: "verbs", label: "", align: "right", render: (c) => (
      <span className="row">
        {!c.active && <Chip state="inactive" />}
        {can("write_settings") && <Button variant="text" onClick={() => setOpen(c)}>Change</Button>}
      </span>
    ) },
  ];
  return (
    <>
      <ListPage
        title="Carriers' cut-offs"
        about="An order goes by the first that fits it, the lowest number first; by the node's own cut-off where none does."
        listing={listing}
        columns={columns}
        filters={[]}
        siblings={SIBLINGS}
        actions={can("write_settings") && <Button variant="contained" onClick={() => setOpen("new")}>New cut-off</Button>}
        empty={<Empty title="Every order goes by its node's own cut-off" />}
      />
      {open && <PutCutOff cutOff={open === "new" ? undefined : open} close={() => setOpen(null)} />}
    </>
  );
}

function PutCutOff({ cutOff, close }: { cutOff?: CutOff; close: () => void }) {
  const notify = useNotify();
  const seen = useSeen(cutOff?.version ?? 0);
  const put = useWrite(
    ({ node, code, body }: { node: string; code: string; body: Body }, once) =>
      answer(api.PUT("/api/v1/nodes/{node}/carrier-cut-offs/{code}", { params: { path: { node, code } }, body, ...once })),
    { touches: ["carrier-cut-offs", "fulfilments"], done: () => notify("Orders from now on are promised for it.") },
  );
  return (
    <Ask<Values, { node: string; code: string; body: Body }>
      title={cutOff ? `Cut-off ${cutOff.code} of ${cutOff.node}` : "New cut-off"}
      about="What is ready already keeps the cut-off that it is promised for."
      verb="Save"
      width="sm"
      values={{
        node: cutOff?.node ?? "", code: cutOff?.code ?? "", carrier: cutOff?.carrier ?? "", service: cutOff?.service ?? "",
        cut_off: cutOff?.cut_off.slice(0, 5) ?? "", minutes_before: cutOff?.minutes_before ?? 240, channel: cutOff?.channel ?? "*",
        tag: cutOff?.tag ?? "*", country: cutOff?.country ?? "*", rank: cutOff?.rank ?? 100, active: cutOff?.active ?? true,
      }}
      input={({ node, code, ...v }) => ({
        node,
        code: code.trim(),
        body: { ...v, minutes_before: Number(v.minutes_before), rank: Number(v.rank), version: cutOff ? seen.version : null },
      })}
      write={put}
      close={close}
      seen={cutOff && seen}
      what="cut-off"
    >
      {!cutOff && (
        <div className="form-grid">
          <NodeIn name="node" label="Node" required autoFocus />
          <TextIn name="code" label="Code" required mono />
        </div>
      )}
      <div className="form-grid">
        <TextIn name="carrier" label="Carrier" required />
        <TextIn name="service" label="Service" required />
        <TextIn name="cut_off" label="Fetches at" required mono placeholder="11:00" />
      </div>
      <div className="form-grid">
        <TextIn name="channel" label="Channel" help="* for any" />
        <TextIn name="tag" label="Tag" help="* with or without" />
        <TextIn name="country" label="Country" help="* for any" />
      </div>
      <div className="form-grid">
        <NumberIn name="minutes_before" label="Released before, min" min={0} max={10080} required />
        <NumberIn name="rank" label="Asked" min={0} required help="The lowest first" />
      </div>
      <YesNo name="active" label="In use" />
    </Ask>
  );
}
