import Button from "@mui/material/Button";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { NumberIn, PercentIn, TextIn } from "@/parts/fields";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { percentOf, ppmOf } from "@/parts/percent";
import { RemoveButton } from "@/parts/RemoveButton";
import { useCan } from "@/parts/scopes";
import { useSeen } from "@/parts/seen";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { SIBLINGS } from "./backorder";

type Buffer = Shape<"ChannelBuffer">;
type Row = Buffer & { id: string };
type Body = Shape<"ChannelBufferBody">;
type Values = { channel: string; sku: string; node: string; units: number; percent: string };

const any = (name: string) => (name === "*" ? <span className="faint">any</span> : <span className="mono">{name}</span>);

/** Units that a channel does not sell, so that others find them. */
export function BufferList() {
  const can = useCan();
  const [open, setOpen] = useState<Buffer | "new" | null>(null);
  const listing = useListing<Row>("channel-buffers", { sort: "channel" });
  const columns: Column<Row>[] = [
    { id: "channel", label: "Not sold through", sort: "channel", render: (b) => any(b.channel) },
    { id: "sku", label: "SKU", sort: "sku", render: (b) => any(b.sku) },
    { id: "node", label: "Node", sort: "node", grow: true, render: (b) => any(b.node) },
    { id: "units", label: "Units", align: "right", render: (b) => b.units },
    { id: "ppm", label: "Or of what lies there", align: "right", render: (b) => (b.ppm ? `${percentOf(b.ppm)} %` : <span className="faint">–</span>) },
    { id: "updated_at", label: "Changed", render: (b) => <When at={b.updated_at} /> },
    { id: "verbs", label: "", align: "right", render: (b) => can("write_settings") && (
      <span className="row">
        <Button variant="text" onClick={() => setOpen(b)}>Change</Button>
        <RemoveButton
          name={`Remove what is kept from ${b.channel}`}
          title="Keep nothing from it"
          about={`${b.channel === "*" ? "Every channel" : b.channel} sells by the next entry that fits, or all there is.`}
          write={(_, once) => answer(api.POST("/api/v1/channel-buffers/remove", { body: { channel: b.channel, sku: b.sku, node: b.node, version: b.version }, ...once }))}
          touches={["channel-buffers", "stock"]}
        />
      </span>
    ) },
  ];
  return (
    <>
      <ListPage
        title="Kept from channels"
        listing={listing}
        columns={columns}
        filters={[]}
        siblings={SIBLINGS}
        actions={can("write_settings") && <Button variant="contained" onClick={() => setOpen("new")}>Keep units</Button>}
        empty={<Empty title="Every channel sells all there is" />}
      />
      {open && <PutBuffer buffer={open === "new" ? undefined : open} close={() => setOpen(null)} />}
    </>
  );
}

function PutBuffer({ buffer, close }: { buffer?: Buffer; close: () => void }) {
  const seen = useSeen(buffer?.version ?? 0);
  const put = useWrite((body: Body, once) => answer(api.PUT("/api/v1/channel-buffers", { body, ...once })), { touches: ["channel-buffers", "stock"] });
  return (
    <Ask<Values, Body>
      title="Keep units from a channel"
      about="The most particular entry counts: of the channel before one of any, then of the SKU, then of the node. None and 0 % sell all there is."
      verb="Save"
      values={{
        channel: buffer?.channel ?? "", sku: buffer?.sku ?? "*", node: buffer?.node ?? "*", units: buffer?.units ?? 0,
        percent: buffer?.ppm ? percentOf(buffer.ppm) : "",
      }}
      input={(v) => ({
        channel: v.channel.trim(), sku: v.sku.trim() || "*", node: v.node.trim() || "*", units: Number(v.units),
        ppm: v.percent ? (ppmOf(v.percent) ?? 0) : 0, version: seen.version || null,
      })}
      write={put}
      close={close}
      seen={buffer && seen}
      what="buffer"
    >
      {!buffer && <TextIn name="channel" label="Not sold through" mono required help="* for any channel" />}
      {!buffer && <TextIn name="sku" label="SKU" mono help="* for any" />}
      {!buffer && <TextIn name="node" label="Node" mono help="* for any" />}
      <NumberIn name="units" label="Units" min={0} required />
      <PercentIn name="percent" label="Or per cent of what lies there" help="The greater of both is kept" />
    </Ask>
  );
}
