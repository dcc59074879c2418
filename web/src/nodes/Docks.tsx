import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useNotify } from "ra-core";
import { useState } from "react";
import { Link } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { Chip, words } from "@/parts/Chip";
import { NumberIn, SelectIn, TextIn, YesNo } from "@/parts/fields";
import { Card, Facts } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { useCan } from "@/parts/scopes";
import { useSeen } from "@/parts/seen";
import { Empty, Loaded } from "@/parts/states";
import { hoursBody, hoursText, hoursValues, type DockHours } from "./hours";

type Dock = Shape<"Dock">;
type Body = Shape<"DockBody">;
const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const TAKES = ["anything", "pallets", "parcels"] as const;

/** Where lorries are unloaded, and when. */
export function Docks({ node }: { node: string }) {
  const docks = useQuery({
    queryKey: ["docks", "of", node],
    queryFn: () => answer(api.GET("/api/v1/docks", { params: { query: { node_eq: node, sort: "sequence", limit: 200 } } })),
  });
  const hours = useQuery({
    queryKey: ["docks", "hours", node],
    queryFn: () => answer(api.GET("/api/v1/nodes/{node}/dock-hours", { params: { path: { node } } })),
  });
  return (
    <Card title="Docks" count={docks.data?.data.length} flush action={<PutDockButton node={node} />}>
      <Loaded query={docks}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title="No docks">A dock is booked for a time in the dock calendar.</Empty>
          ) : (
            <Rows
              rows={data}
              keyOf={(dock) => dock.code}
              columns={[
                { id: "code", label: "Dock", render: (d) => <Link className="mono strong" to={`/docks?node=${node}`}>{d.code}</Link> },
                { id: "name", label: "Name", grow: true, render: (d) => d.name },
                { id: "takes", label: "Takes", render: (d) => words(d.takes) },
                { id: "active", label: "", render: (d) => !d.active && <Chip state="inactive" /> },
                { id: "verbs", label: "", align: "right", render: (d) => <PutDockButton node={node} dock={d} /> },
              ]}
            />
          )
        }
      </Loaded>
      <div className="card-body">
        <Loaded query={hours}>
          {(kept) => (
            <div className="stack tight">
              <div className="row apart">
                <h3>Goods are taken in{kept.is_usual && <span className="faint"> (the usual hours)</span>}</h3>
                <PutHoursButton hours={kept} />
              </div>
              <Facts facts={DAYS.map((day, at) => [day, hoursText(kept.hours[at] ?? []) || "no"])} />
              <p className="faint small">{kept.slot_minutes} minutes each, in {kept.time_zone}, and not on the dates on which the node is closed.</p>
            </div>
          )}
        </Loaded>
      </div>
    </Card>
  );
}

function PutDockButton({ node, dock }: { node: string; dock?: Dock }) {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_settings")) return null;
  return (
    <>
      <Button variant={dock ? "text" : undefined} startIcon={dock ? undefined : <Plus size={14} />} onClick={() => setOpen(true)}>
        {dock ? "Edit" : "New dock"}
      </Button>
      {isOpen && <PutDock node={node} dock={dock} close={() => setOpen(false)} />}
    </>
  );
}

type Values = { code: string; name: string; takes: NonNullable<Body["takes"]>; sequence: string; active: boolean };

function PutDock({ node, dock, close }: { node: string; dock?: Dock; close: () => void }) {
  const notify = useNotify();
  const seen = useSeen(dock?.version ?? 0);
  const put = useWrite(
    ({ code, body }: { code: string; body: Body }, once) =>
      answer(api.PUT("/api/v1/nodes/{node}/docks/{code}", { params: { path: { node, code } }, body, ...once })),
    { touches: ["docks", "appointments"], done: ({ code }) => notify(`Dock ${code} is saved.`) },
  );
  return (
    <Ask<Values, { code: string; body: Body }>
      title={dock ? `Edit dock ${dock.code}` : `New dock at ${node}`}
      verb="Save"
      width="sm"
      values={{ code: dock?.code ?? "", name: dock?.name ?? "", takes: (dock?.takes ?? "anything") as Values["takes"], sequence: String(dock?.sequence ?? 0), active: dock?.active ?? true }}
      input={({ code, sequence, ...rest }) => ({ code: code.trim(), body: { ...rest, sequence: Number(sequence), version: dock ? seen.version : null } })}
      write={put}
      close={close}
      seen={dock ? seen : undefined}
      what="dock"
    >
      <div className="form-grid">
        {!dock && <TextIn name="code" label="Code" required autoFocus mono />}
        <TextIn name="name" label="Name" required autoFocus={Boolean(dock)} />
      </div>
      <div className="form-grid">
        <SelectIn name="takes" label="Takes" choices={TAKES} />
        <NumberIn name="sequence" label="Place in the calendar" min={0} required />
      </div>
      <YesNo name="active" label="In use" />
    </Ask>
  );
}

function PutHoursButton({ hours }: { hours: DockHours }) {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_settings")) return null;
  return (
    <>
      <Button variant="text" onClick={() => setOpen(true)}>Change hours</Button>
      {isOpen && <PutHours hours={hours} close={() => setOpen(false)} />}
    </>
  );
}

function PutHours({ hours, close }: { hours: DockHours; close: () => void }) {
  const notify = useNotify();
  const seen = useSeen(hours.version ?? 0);
  const put = useWrite(
    (body: Shape<"DockHoursBody">, once) => answer(api.PUT("/api/v1/nodes/{node}/dock-hours", { params: { path: { node: hours.node } }, body, ...once })),
    { touches: ["docks", "appointments"], done: () => notify(`The hours of ${hours.node} are saved.`) },
  );
  return (
    <Ask<ReturnType<typeof hoursValues>, Shape<"DockHoursBody">>
      title={`When ${hours.node} takes goods in`}
      about={`In ${hours.time_zone}, such as 08:00-12:00, 13:00-17:00; empty where nothing is taken in. What is booked already stays.`}
      verb="Save"
      width="sm"
      values={hoursValues(hours)}
      input={(values) => ({ ...hoursBody(values), version: hours.version ? seen.version : null })}
      write={put}
      close={close}
      seen={hours.version ? seen : undefined}
      what="hours"
    >
      {DAYS.map((day, at) => <TextIn key={day} name={`days.${at}`} label={day} mono autoFocus={at === 0} />)}
      <NumberIn name="slot_minutes" label="Minutes of a slot" min={5} max={480} required />
    </Ask>
  );
}
