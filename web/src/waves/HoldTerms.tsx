import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { useNotify } from "ra-core";
import { useState } from "react";
import { Link } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { Chip } from "@/parts/Chip";
import { NumberIn } from "@/parts/fields";
import { Card, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { useCan } from "@/parts/scopes";
import { useSeen } from "@/parts/seen";
import { Siblings } from "@/parts/Siblings";
import { Loaded } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { hoursText, SIBLINGS } from "./wave";

type Term = Shape<"HoldTermShown">;
type Body = Shape<"HoldTermBody">;
const TITLE = "Terms of holds";

/** For how long orders that are held keep their units. */
export function HoldTerms() {
  const may = useCan()("write_settings");
  const [open, setOpen] = useState<Term | null>(null);
  const terms = useQuery({ queryKey: ["orders", "hold-terms"], queryFn: () => answer(api.GET("/api/v1/hold-terms")) });
  const columns: Column<Term>[] = [
    { id: "reason", label: "Held for", render: (term) => <Chip state={term.reason} /> },
    { id: "hours", label: "Its units go back on sale", grow: true, render: (term) => (term.hours === null ? <span className="faint">never, as long as it is held</span> : `after ${hoursText(term.hours)}`) },
    { id: "verbs", label: "", align: "right", render: (term) => (
      <span className="row">
        <Link className="link" to={`/orders?status_in=held&hold_in=${term.reason}`}>Held orders</Link>
        {may && <Button variant="text" onClick={() => setOpen(term)}>Change</Button>}
      </span>
    ) },
  ];
  return (
    <Page title={TITLE} about="An order that is held is not picked. After its term others may buy its units, first those who wait; it takes what is free again when it is released.">
      <Siblings of={SIBLINGS} title={TITLE} />
      <Loaded query={terms}>
        {({ rows }) => <Card flush><Rows rows={rows} columns={columns} keyOf={(term) => term.reason} /></Card>}
      </Loaded>
      {open && <PutTerm term={open} close={() => setOpen(null)} />}
    </Page>
  );
}

function PutTerm({ term, close }: { term: Term; close: () => void }) {
  const notify = useNotify();
  const seen = useSeen(term.version);
  const put = useWrite(
    (body: Body, once) => answer(api.PUT("/api/v1/hold-terms/{reason}", { params: { path: { reason: term.reason } }, body, ...once })),
    { touches: ["orders"], done: () => notify("Counts from now on, for orders that are held already too.") },
  );
  return (
    <Ask<{ hours: string }, Body>
      title={`Orders held for ${term.reason}`}
      verb="Save"
      values={{ hours: String(term.hours ?? "") }}
      input={({ hours }) => ({ hours: String(hours).trim() === "" ? null : Number(hours), version: seen.version })}
      write={put}
      close={close}
      seen={seen}
      what="term"
    >
      <NumberIn name="hours" label="Hours after which its units go back on sale" min={1} max={8760} autoFocus help="Empty: they are kept as long as it is held" />
    </Ask>
  );
}
