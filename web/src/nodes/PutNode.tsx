import Button from "@mui/material/Button";
import { Pencil, Plus } from "lucide-react";
import { useNotify } from "ra-core";
import { useState } from "react";
import { useNavigate } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { Address } from "@/parts/AddressText";
import { AddressIn, addressOf } from "@/parts/AddressIn";
import { Ask } from "@/parts/Ask";
import { NumberIn, SelectIn, TextIn, YesNo } from "@/parts/fields";
import { useCan } from "@/parts/scopes";
import { useSeen } from "@/parts/seen";
import type { Node } from "./NodeList";

type Body = Shape<"NodeBody">;
type Kind = "warehouse" | "store";
type Values = {
  code: string; name: string; kind: Kind; time_zone: string; cut_off: string; rank: string; ships: boolean;
  days: boolean[]; closed: string; address: Address;
};
const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

export function NewNodeButton() {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_settings")) return null;
  return (
    <>
      <Button variant="contained" color="primary" startIcon={<Plus size={14} />} onClick={() => setOpen(true)}>
        New node
      </Button>
      {isOpen && <PutNode close={() => setOpen(false)} />}
    </>
  );
}

export function EditNodeButton({ node }: { node: Node }) {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_settings")) return null;
  return (
    <>
      <Button startIcon={<Pencil size={14} />} onClick={() => setOpen(true)}>
        Edit
      </Button>
      {isOpen && <PutNode node={node} close={() => setOpen(false)} />}
    </>
  );
}

function PutNode({ node, close }: { node?: Node; close: () => void }) {
  const navigate = useNavigate();
  const notify = useNotify();
  const seen = useSeen(node?.version ?? 0);
  const open = (node?.open_weekdays ?? [0, 1, 2, 3, 4]) as number[];
  const put = useWrite(
    ({ code, body }: { code: string; body: Body }, once) =>
      answer(api.PUT("/api/v1/nodes/{node}", { params: { path: { node: code } }, body, ...once })),
    {
      touches: ["nodes"],
      done: (_, { code }) => {
        notify(`${code} is saved.`);
        if (!node) void navigate(`/nodes/${code}`);
      },
    },
  );
  return (
    <Ask<Values, { code: string; body: Body }>
      title={node ? `Edit ${node.code}` : "New node"}
      about={node ? undefined : "It comes with the standard bins."}
      verb="Save"
      width="sm"
      values={{
        code: node?.code ?? "",
        name: node?.name ?? "",
        kind: (node?.kind ?? "warehouse") as Kind,
        time_zone: node?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
        cut_off: node?.cut_off.slice(0, 5) ?? "15:00",
        rank: String(node?.rank ?? 100),
        ships: node?.ships ?? true,
        days: DAYS.map((_, day) => open.includes(day)),
        closed: ((node?.closed_dates ?? []) as string[]).join(", "),
        address: (node?.address ?? {}),
      }}
      input={({ code, days, closed, rank, address, ...rest }) => ({
        code: code.trim(),
        body: {
          ...rest,
          rank: Number(rank),
          open_weekdays: days.flatMap((on, day) => (on ? [day] : [])),
          closed_dates: closed.split(/[\s,]+/).filter(Boolean),
          address: addressOf(address),
          version: node ? seen.version : null,
        },
      })}
      write={put}
      close={close}
      seen={node ? seen : undefined}
      what="node"
    >
      <div className="form-grid">
        {!node && <TextIn name="code" label="Code" required autoFocus mono help="Short, and for ever: LON" />}
        <TextIn name="name" label="Name" required autoFocus={Boolean(node)} />
        <SelectIn name="kind" label="Kind" choices={["warehouse", "store"]} />
      </div>
      <div className="form-grid">
        <TextIn name="time_zone" label="Time zone" required />
        <TextIn name="cut_off" label="Cut-off" required help="In its own zone" />
        <NumberIn name="rank" label="Rank" min={0} required help="Lower is asked first" />
      </div>
      <fieldset className="days">
        <legend>Open on</legend>
        {DAYS.map((day, at) => (
          <YesNo key={day} name={`days.${at}`} label={day} />
        ))}
      </fieldset>
      <TextIn name="closed" label="Closed on" placeholder="2026-12-25, 2027-01-01" />
      <AddressIn name="address" />
      <YesNo name="ships" label="Ships orders" />
    </Ask>
  );
}
