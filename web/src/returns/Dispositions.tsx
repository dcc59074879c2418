import { CheckCheck, Scale, Shuffle } from "lucide-react";
import Button from "@mui/material/Button";
import { Link } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Actions, type Verb, type VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { Chip } from "@/parts/Chip";
import { SelectIn, TextIn } from "@/parts/fields";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Money } from "@/parts/Money";
import { useSeen } from "@/parts/seen";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { NodeLink, SKU, SkuLink } from "@/stock/stock";
import { CHOICES, choiceText, GRADES, gradeText, returnHref, TOUCHES, type Choice } from "./return";
import { Weighed, weighedOf } from "./Weighed";

export type Disposition = Shape<"ReturnDisposition">;
const path = (d: Disposition) => ({ params: { path: { disposition_id: d.id } } });

const VERBS: Record<string, Verb<Disposition>> = {
  done: { label: "It is done", icon: CheckCheck, scope: "write_stock", dialog: Done },
  change: { label: "Choose otherwise", icon: Shuffle, scope: "write_stock", dialog: Change },
};

export const COLUMNS: Column<Disposition>[] = [
  { id: "sku", label: "Units", sort: "sku", grow: true, render: (d) => <>{d.quantity} × <SkuLink sku={d.sku} />{d.why && <p className="faint small">{choiceText(d.best)} was best: {d.why}</p>}</> },
  { id: "number", label: "Return", render: (d) => <Link className="link" to={returnHref(d.return_id)}>{d.number}</Link> },
  { id: "grade", label: "Grade", render: (d) => <Chip state={d.grade} label={gradeText(d.grade)} /> },
  { id: "choice", label: "Becomes", sort: "choice", render: (d) => <><span className="strong">{choiceText(d.choice)}</span>{d.supplier && <p className="faint small">{d.supplier}</p>}</> },
  { id: "value", label: "Each brings", sort: "value", align: "right", render: (d) => <Money amount={d.value} currency={d.currency} /> },
  { id: "node", label: "At", render: (d) => <NodeLink node={d.node} /> },
  { id: "status", label: "Status", render: (d) => <Chip state={d.status} /> },
  { id: "created_at", label: "Graded", sort: "created_at", render: (d) => <When at={d.created_at} /> },
  { id: "verbs", label: "", align: "right", render: (d) => <span className="row nowrap"><Actions record={d} next={d.next} verbs={VERBS} shown={2} /></span> },
];

const FILTERS: Filter[] = [
  { field: "status", label: "Status", kind: "choice", choices: ["waiting", "done"] },
  { field: "choice", label: "Becomes", kind: "choice", choices: Object.keys(CHOICES), names: CHOICES },
  { field: "grade", label: "Grade", kind: "choice", choices: ["sellable", "damaged", "not_as_described"], names: GRADES },
  { field: "node", label: "At", kind: "text", operator: "eq", hint: "Code of the node" },
  { field: "supplier", label: "Supplier", kind: "text", operator: "eq", hint: "Code of the supplier" },
  SKU,
  { field: "created_at", label: "Graded", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "Waiting", filters: { status_eq: "waiting" } },
  { label: "To refurbish", filters: { status_eq: "waiting", choice_eq: "refurbish" } },
  { label: "To the supplier", filters: { status_eq: "waiting", choice_eq: "vendor" } },
  { label: "All", filters: {} },
];

/** Units that came back and are not on sale, until somebody says that what they became is done. */
export function DispositionList() {
  const listing = useListing<Disposition>("return-dispositions", { sort: "-created_at" });
  return (
    <ListPage
      title="What becomes of returns"
      about="Each unit that was graded goes where it is expected to bring most. What is not restocked waits in quarantine until it is done."
      crumbs={[{ label: "Returns", to: "/returns" }]}
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      actions={<Button component={Link} to="/returns/terms" startIcon={<Scale size={14} />}>Terms</Button>}
      empty={<Empty title="Nothing fits">Units come here as returns are received and graded.</Empty>}
    />
  );
}

function Done({ record: d, close }: VerbProps<Disposition>) {
  const seen = useSeen(d.version);
  const write = useWrite((body: Shape<"DispositionEnd">, once) => answer(api.POST("/api/v1/return-dispositions/{disposition_id}/done", { ...path(d), body, ...once })), { touches: TOUCHES });
  const sale = d.choice === "refurbish" || d.choice === "restock";
  return (
    <Ask<{ bin: string; note: string }, Shape<"DispositionEnd">>
      title={`${choiceText(d.choice)}: ${d.quantity} × ${d.sku}`}
      about={sale ? "The units leave quarantine and are on sale at once." : "The units leave quarantine and the stock."}
      verb="It is done"
      values={{ bin: "", note: "" }}
      input={({ bin, note }) => ({ bin: bin.trim() || null, note: note.trim() || null, version: seen.version })}
      write={write}
      close={close}
      seen={seen}
      what="disposition"
    >
      {sale && <TextIn name="bin" label="Into bin" mono help="Empty: the pick face" />}
      <TextIn name="note" label="What was done" autoFocus />
    </Ask>
  );
}

function Change({ record: d, close }: VerbProps<Disposition>) {
  const seen = useSeen(d.version);
  const write = useWrite((body: Shape<"OtherChoice">, once) => answer(api.POST("/api/v1/return-dispositions/{disposition_id}/change", { ...path(d), body, ...once })), { touches: TOUCHES });
  const weighed = weighedOf(d);
  const others = weighed.filter((w) => w.value !== null && w.choice !== d.choice).map((w) => ({ value: w.choice, label: choiceText(w.choice) }));
  return (
    <Ask<{ choice: string; reason: string }, Shape<"OtherChoice">>
      title={`Choose otherwise for ${d.quantity} × ${d.sku}`}
      verb="Choose it"
      width="sm"
      values={{ choice: others[0]?.value ?? "", reason: "" }}
      input={({ choice, reason }) => ({ choice: choice as Choice, reason, version: seen.version })}
      write={write}
      close={close}
      seen={seen}
      what="disposition"
    >
      <Weighed choices={weighed} currency={d.currency} />
      <SelectIn name="choice" label="Becomes" choices={others} />
      <TextIn name="reason" label="Why" required autoFocus />
    </Ask>
  );
}
