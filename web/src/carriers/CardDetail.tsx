import Button from "@mui/material/Button";
import TextField from "@mui/material/TextField";
import { useQuery } from "@tanstack/react-query";
import { Download, Upload } from "lucide-react";
import { useNotify } from "ra-core";
import { useRef, useState } from "react";
import { useNavigate, useParams } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { useCan } from "@/parts/scopes";
import { Loaded, ProblemNote } from "@/parts/states";
import { When } from "@/parts/When";
import { cardHref } from "./carrier";
import { CardGrid } from "./CardGrid";
import { bodyOf, EMPTY, gridOf, wrongIn, type CardBody, type CardRow, type Grid } from "./grid";
import { PriceIt } from "./PriceIt";

const CRUMBS = [{ label: "Carriers", to: "/carriers" }, { label: "Rate cards", to: "/carriers/cards" }];

/** A card in a grid. What is changed becomes a new version from a date on. */
export function CardDetail() {
  const { id = "" } = useParams();
  const isNew = id === "new";
  const asked = useQuery({
    queryKey: ["rate-cards", "detail", id],
    enabled: !isNew,
    queryFn: () => answer(api.GET("/api/v1/rate-cards/{card_id}", { params: { path: { card_id: id } } })),
  });
  if (isNew) return <Editor title="New rate card" grid={EMPTY} />;
  return (
    <Loaded query={asked} frame={(inside) => <Page title="Rate card" crumbs={CRUMBS}>{inside}</Page>}>
      {(card) => <Editor key={card.id} title={`${card.carrier} ${card.service}`} card={card} grid={gridOf(card)} />}
    </Loaded>
  );
}

type Sent = { carrier: string; service: string; body: CardBody };
type SentFile = { carrier: string; service: string; body: Shape<"RateCardFile"> };

function Editor({ title, card, grid: begin }: { title: string; card?: CardRow; grid: Grid }) {
  const navigate = useNavigate();
  const notify = useNotify();
  const may = useCan()("write_shipping");
  const file = useRef<HTMLInputElement>(null);
  const [name, setName] = useState({ carrier: card?.carrier ?? "", service: card?.service ?? "" });
  const [grid, setGrid] = useState(begin);
  const [from, setFrom] = useState("");
  const [told, setTold] = useState<string[]>([]);
  const since = () => (from ? new Date(from).toISOString() : null);
  const done = (made: { id: string; carrier: string; service: string }) => {
    notify(`${made.carrier} ${made.service} has a new version.`);
    void navigate(cardHref(made.id));
  };
  const put = useWrite(
    ({ body, ...path }: Sent, once) => answer(api.PUT("/api/v1/rate-cards/{carrier}/{service}", { params: { path }, body, ...once })),
    { touches: ["rate-cards"], done },
  );
  const bring = useWrite(
    ({ body, ...path }: SentFile, once) => answer(api.PUT("/api/v1/rate-cards/{carrier}/{service}/csv", { params: { path }, body, ...once })),
    { touches: ["rate-cards"], done },
  );
  const same = JSON.stringify(grid) === JSON.stringify(begin);
  const named = Boolean(name.carrier.trim() && name.service.trim());
  const save = () => {
    const wrong = wrongIn(grid);
    setTold(wrong);
    if (wrong.length === 0) put.mutate({ ...name, body: bodyOf(grid, since()) });
  };
  const read = async (chosen: File | undefined) => {
    if (!chosen) return;
    bring.mutate({ ...name, body: { csv: await chosen.text(), valid_from: since() } });
    if (file.current) file.current.value = "";
  };
  return (
    <Page
      title={title}
      crumbs={CRUMBS}
      about={card ? "This version stays as it is. What you change becomes the next one, from a moment on." : "Prices by zone and weight. An empty cell takes no such parcel."}
      actions={
        <>
          {card && <Button component="a" href={`/api/v1/rate-cards/${card.id}/card.csv`} startIcon={<Download size={14} />}>CSV</Button>}
          {may && (
            <>
              <input ref={file} type="file" accept=".csv,text/csv" hidden aria-label="A CSV file" onChange={(event) => void read(event.target.files?.[0])} />
              <Button startIcon={<Upload size={14} />} disabled={!named} loading={bring.isPending} onClick={() => file.current?.click()}>New version from CSV</Button>
              <Button variant="contained" disabled={!named || (same && Boolean(card) && !from)} loading={put.isPending} onClick={save}>Put in a new version</Button>
            </>
          )}
        </>
      }
    >
      <Columns
        main={
          <>
            <ProblemNote problem={put.error ?? bring.error} />
            {told.length > 0 && (
              <div className="problem" role="alert">
                <div>{told.slice(0, 8).map((line) => <p key={line}>{line}</p>)}</div>
              </div>
            )}
            <CardGrid grid={grid} change={may ? setGrid : undefined} />
          </>
        }
        side={
          <>
            <PriceIt card={card?.id ?? null} />
            <Card title="Version">
              <div className="stack">
                {!card && (
                  <>
                    <TextField label="Carrier" required value={name.carrier} onChange={(event) => setName({ ...name, carrier: event.target.value.trim() })} />
                    <TextField label="Service" required value={name.service} onChange={(event) => setName({ ...name, service: event.target.value.trim() })} />
                  </>
                )}
                {card && (
                  <Facts
                    facts={[
                      ["Valid from", <When key="f" at={card.valid_from} />],
                      ["To", card.valid_to ? <When key="t" at={card.valid_to} /> : "further notice"],
                    ]}
                  />
                )}
                {may && (
                  <TextField
                    label="The next version is valid from"
                    type="datetime-local"
                    value={from}
                    onChange={(event) => setFrom(event.target.value)}
                    helperText="Empty: from now on"
                    slotProps={{ inputLabel: { shrink: true } }}
                  />
                )}
              </div>
            </Card>
          </>
        }
      />
    </Page>
  );
}
