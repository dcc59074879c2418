import Button from "@mui/material/Button";
import TextField from "@mui/material/TextField";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { Chip } from "@/parts/Chip";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { Empty, Loaded, ProblemNote } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { backTo } from "@/parts/walk";
import { When } from "@/parts/When";
import { SkuLink } from "@/stock/stock";
import { dayText, PromisedDay, type Queue, type Share } from "./backorder";
import { Coming } from "./Coming";
import { MoveButton } from "./MoveUp";
import { policyText } from "./policy";

const COLUMNS: Column<Share>[] = [
  { id: "order_number", label: "Order", render: (s) => <span className="nowrap"><Link className="link strong" to={`/orders/${s.order_id}`}>{s.order_number}</Link><span className="unit">{s.channel}</span></span> },
  { id: "why", label: "Why there", grow: true, render: (s) => <span className="quiet">{s.why}</span> },
  { id: "class_name", label: "Class", render: (s) => s.class_name ?? <span className="faint">–</span> },
  { id: "placed_at", label: "Waits since", wide: true, render: (s) => <When at={s.placed_at} /> },
  { id: "promised_on", label: "Leaves", render: (s) => <PromisedDay of={s} /> },
  { id: "passed", label: "Passed over", align: "right", render: (s) => (s.passed ? `${s.passed}×` : <span className="faint">0</span>) },
  { id: "wanted", label: "Units", align: "right", render: (s) => <span className="strong">{s.wanted}</span> },
];
const GETS: Column<Share> = {
  id: "given", label: "Gets", align: "right",
  render: (s) => (s.given ? <Chip state="gets" tone={s.given === s.wanted ? "ok" : "warn"} label={String(s.given)} /> : <span className="faint">0</span>),
};

/** Who waits for a SKU at a node, who is next and why, what comes, and who would get so many. */
export function QueuePage() {
  const { sku = "", node = "" } = useParams();
  const path = { params: { path: { sku, node } } };
  const asked = useQuery({
    queryKey: ["backorders", "queue", sku, node],
    queryFn: () => answer(api.GET("/api/v1/backorders/{sku}/{node}", path)),
  });
  const title = `${sku} at ${node}`;
  return (
    <Page
      title={title}
      heading={<span className="mono">{title}</span>}
      crumbs={[{ label: "Backorders", to: backTo("backorders", "/backorders") }]}
      about={<span>Stock of <SkuLink sku={sku} /></span>}
    >
      <Loaded query={asked}>{(queue) => <Board queue={queue} />}</Loaded>
    </Page>
  );
}

function Board({ queue }: { queue: Queue }) {
  const [units, setUnits] = useState("40");
  const { sku, node } = queue;
  const simulate = useMutation({
    mutationFn: (asked: number) => answer(api.POST("/api/v1/backorders/simulate", { body: { sku, node, units: asked } })),
  });
  const tried = simulate.data;
  const verbs: Column<Share> = { id: "verbs", label: "", align: "right", render: (s) => <MoveButton share={s} /> };
  return (
    <Columns
      main={
        <Card
          title={tried ? `Who would get ${tried.units}` : "Who is next"}
          count={queue.queue.length}
          flush
          action={
            <form
              className="row"
              onSubmit={(event) => {
                event.preventDefault();
                const asked = Number(units);
                if (Number.isInteger(asked) && asked > 0) simulate.mutate(asked);
              }}
            >
              <TextField label="If so many came" type="number" size="small" value={units} onChange={(e) => setUnits(e.target.value)} sx={{ width: 140 }} />
              <Button type="submit" loading={simulate.isPending}>Who gets them?</Button>
              {tried && <Button onClick={() => simulate.reset()}>As it stands</Button>}
            </form>
          }
        >
          <ProblemNote problem={simulate.error} />
          {queue.queue.length === 0 ? (
            <Empty title="Nobody waits here" />
          ) : (
            <Rows rows={(tried ?? queue).queue} columns={tried ? [...COLUMNS, GETS] : [...COLUMNS, verbs]} keyOf={(s) => s.allocation_id} />
          )}
        </Card>
      }
      side={
        <>
          <Card title="Together">
            <Facts
              facts={[
                ["Waiting", `${queue.waiting} units`],
                ["Lying there", queue.free ? `${queue.free}, kept from the channels of those who wait` : "none that are free"],
                ["Who goes first", <Link key="policy" className="link" to="/backorders/policies">{policyText(queue.policy)}</Link>],
              ]}
            />
          </Card>
          <Card title="Coming" count={queue.coming.length} flush>
            {queue.coming.length === 0 ? <Empty title="Nothing is on its way" /> : <Coming supplies={queue.coming} />}
          </Card>
          {queue.queue[0] && !tried && (
            <p className="faint small">
              A day is such that four of five units leave by it. {queue.queue[0].promised_on ? `The first leaves by ${dayText(queue.queue[0].promised_on)}.` : "For the first no day is known."}
            </p>
          )}
        </>
      }
    />
  );
}
