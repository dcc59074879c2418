import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { useNotify } from "ra-core";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { useWrite } from "@/api/write";
import { orderHref } from "@/orders/order";
import { Ask } from "@/parts/Ask";
import { Chip } from "@/parts/Chip";
import { TextIn } from "@/parts/fields";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { useCan } from "@/parts/scopes";
import { Empty, Loaded, ProblemNote } from "@/parts/states";
import { When } from "@/parts/When";
import { backTo } from "@/parts/walk";
import { Progress } from "./Progress";
import { filterText, whole, type Wave } from "./wave";

/** A wave: how far it is, what is in it, and putting it on the floor or giving it back. */
export function WaveDetail() {
  const { id = "" } = useParams();
  const crumbs = [{ label: "Waves", to: backTo("waves", "/waves") }];
  const asked = useQuery({
    queryKey: ["waves", id],
    queryFn: () => answer(api.GET("/api/v1/waves/{wave_id}", { params: { path: { wave_id: id } } })),
  });
  return (
    <Loaded query={asked} frame={(inside) => <Page title="Wave" crumbs={crumbs}>{inside}</Page>}>
      {(wave) => (
        <Page title={`${wave.number} ${wave.name}`} crumbs={crumbs} chips={<Chip state={wave.status} />} about={filterText(wave.filter)} actions={<Verbs of={wave} />}>
          <Columns main={<Inside of={wave} />} side={<Sums of={wave} />} />
        </Page>
      )}
    </Loaded>
  );
}

function Verbs({ of: wave }: { of: Wave }) {
  const notify = useNotify();
  const may = useCan()("write_fulfilment");
  const [isGiving, setGiving] = useState(false);
  const release = useWrite(
    (_: object, once) => answer(api.POST("/api/v1/waves/{wave_id}/release", { params: { path: { wave_id: wave.id } }, ...once })),
    { touches: ["waves", "fulfilments"], done: () => notify(`${wave.number} is on the floor.`) },
  );
  if (!may) return null;
  return (
    <>
      {release.error && <ProblemNote problem={release.error} />}
      {wave.status === "released" && wave.ready > 0 && (
        <Button component={Link} to={`/pick?wave=${wave.id}`} variant="contained">Pick it</Button>
      )}
      {wave.next.includes("cancelled") && (
        <Button variant="outlined" color="inherit" onClick={() => setGiving(true)}>Give back</Button>
      )}
      {wave.next.includes("released") && (
        <Button variant="contained" loading={release.isPending} onClick={() => release.mutate({})}>Release</Button>
      )}
      {isGiving && <GiveBack of={wave} close={() => setGiving(false)} />}
    </>
  );
}

function GiveBack({ of: wave, close }: { of: Wave; close: () => void }) {
  const cancel = useWrite(
    (body: { reason: string }, once) => answer(api.POST("/api/v1/waves/{wave_id}/cancel", { params: { path: { wave_id: wave.id } }, body, ...once })),
    { touches: ["waves", "fulfilments"] },
  );
  return (
    <Ask<{ reason: string }, { reason: string }>
      title={`Give back ${wave.number}`}
      about="What nobody has begun waits for another wave. What is begun goes on."
      verb="Give back"
      tone="error"
      values={{ reason: "" }}
      input={(values) => values}
      write={cancel}
      close={close}
    >
      <TextIn name="reason" label="Why" required autoFocus />
    </Ask>
  );
}

function Sums({ of: wave }: { of: Wave }) {
  const { planned } = wave;
  return (
    <Card title="The wave">
      <Facts
        facts={[
          ["Node", <Link key="node" className="link" to={`/nodes/${wave.node}`}>{wave.node}</Link>],
          ["Orders", whole(planned.orders)],
          ["Lines", whole(planned.lines)],
          ["Units", whole(planned.units)],
          ["Left it again", wave.gone ? whole(wave.gone) : null],
          ["First cut-off", wave.due_at ? <When key="due" at={wave.due_at} /> : null],
          ["Made", <When key="made" at={wave.created_at} />],
          ["By the clock", wave.template],
          ["On the floor", wave.released_at ? <When key="out" at={wave.released_at} /> : null],
          ["Ended", wave.closed_at ? <When key="end" at={wave.closed_at} /> : null],
        ]}
      />
    </Card>
  );
}

function Inside({ of: wave }: { of: Wave }) {
  const rows = wave.fulfilments ?? [];
  return (
    <>
      <Card title="Progress"><Progress of={wave} told /></Card>
      <Card title="Fulfilments, what is due first before the rest" count={rows.length} flush={rows.length > 0}>
        {rows.length === 0 ? (
          <Empty title="Nothing is in it any more" />
        ) : (
          <Rows
            rows={rows}
            keyOf={(f) => f.id}
            columns={[
              { id: "number", label: "Fulfilment", render: (f) => <Link className="link strong" to={orderHref(f.order_id)}>{f.number}</Link> },
              { id: "status", label: "Status", render: (f) => <Chip state={f.status} /> },
              { id: "service", label: "Goes with", grow: true, render: (f) => f.service ?? <span className="faint">the node's cut-off</span> },
              { id: "due_at", label: "Due", align: "right", render: (f) => <When at={f.due_at} /> },
            ]}
          />
        )}
      </Card>
    </>
  );
}
