import { Undo2 } from "lucide-react";
import { useNotify } from "ra-core";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Actions, type Verb, type VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { Chip } from "@/parts/Chip";
import { TextIn } from "@/parts/fields";
import type { Filter } from "@/parts/filters";
import { actorText } from "@/parts/History";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { NODE, NodeLink, SKU, SkuLink, TOUCHES } from "@/stock/stock";
import { AGAINST, SIBLINGS, type Putaway } from "./putaway";

function BringBack({ record: done, close }: VerbProps<Putaway>) {
  const notify = useNotify();
  const undo = useWrite(
    (body: Shape<"BroughtBack">, once) => answer(api.POST("/api/v1/putaways/{putaway_id}/undo", { params: { path: { putaway_id: done.id } }, body, ...once })),
    { touches: ["putaways", "putaway-tasks", ...TOUCHES], done: () => notify(`${done.quantity} ${done.sku} are to be put away again.`) },
  );
  return (
    <Ask<{ reason: string }, Shape<"BroughtBack">>
      title={`Bring ${done.quantity} ${done.sku} back from ${done.bin}`}
      about={`They lie in ${done.from_bin} then and are to be put away again. It works for 24 hours, while they lie where they were put and no pick list goes for them.`}
      verb="Bring them back"
      values={{ reason: "" }}
      input={({ reason }) => ({ reason: reason.trim() || null })}
      write={undo}
      close={close}
    >
      <TextIn name="reason" label="Why" autoFocus />
    </Ask>
  );
}

const VERBS: Record<string, Verb<Putaway>> = { undo: { label: "Bring back", icon: Undo2, scope: "write_stock", dialog: BringBack } };
const DAY_MS = 86_400_000;
const mayBeUndone = (p: Putaway) => p.undone_at === null && Date.now() - Date.parse(p.at) < DAY_MS;

/** What spoke against the bin, and why all the same. */
function Override({ of: p }: { of: Putaway }) {
  if (p.overridden.length === 0) return null;
  return (
    <span>
      <span className="strong">{p.reason}</span> <span className="faint">{p.overridden.map((word) => AGAINST[word] ?? word).join(", ")}</span>
    </span>
  );
}

const COLUMNS: Column<Putaway>[] = [
  { id: "at", label: "When", sort: "at", render: (p) => <When at={p.at} /> },
  { id: "task", label: "Task", render: (p) => p.task },
  { id: "node", label: "At", render: (p) => <NodeLink node={p.node} /> },
  { id: "sku", label: "SKU", render: (p) => <SkuLink sku={p.sku} /> },
  { id: "lot", label: "Lot", extra: true, render: (p) => p.lot },
  { id: "quantity", label: "Units", sort: "quantity", align: "right", render: (p) => p.quantity },
  { id: "from_bin", label: "From", wide: true, render: (p) => <span className="mono quiet">{p.from_bin}</span> },
  { id: "bin", label: "Into", sort: "bin", render: (p) => <span className="mono strong">{p.bin}</span> },
  { id: "reason", label: "Put there all the same", grow: true, render: (p) => <Override of={p} /> },
  { id: "by", label: "By", wide: true, render: (p) => <span className="quiet">{actorText(p.by)}</span> },
  { id: "undone_at", label: "", render: (p) => p.undone_at && <Chip state="undone" label="Brought back" /> },
  { id: "verbs", label: "", align: "right", render: (p) => mayBeUndone(p) && <Actions record={p} next={["undo"]} verbs={VERBS} shown={0} /> },
];

const FILTERS: Filter[] = [
  { field: "is_override", label: "Put otherwise", kind: "yes" },
  { field: "overridden", label: "What spoke against it", kind: "choice", choices: Object.keys(AGAINST), names: AGAINST },
  NODE,
  SKU,
  { field: "bin", label: "Into bin", kind: "text", operator: "eq", hint: "exactly" },
  { field: "task", label: "Task", kind: "text", operator: "eq", hint: "Number, such as PA100001" },
  { field: "at", label: "When", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "Put otherwise", filters: { is_override_eq: "true" } },
  { label: "Brought back", filters: { undone_at_null: "false" } },
];

export function PutawayList() {
  const listing = useListing<Putaway>("putaways", { sort: "-at" });
  return (
    <ListPage
      title="Putaways"
      about="What was put into which bin, and why it is another one than was suggested."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      siblings={SIBLINGS}
      empty={<Empty title="No putaway fits">Goods are put away at the station, Put away.</Empty>}
    />
  );
}
