import Button from "@mui/material/Button";
import { RefreshCw, X } from "lucide-react";
import { useNotify } from "ra-core";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing, useListingContext } from "@/parts/listing";
import { Money } from "@/parts/Money";
import { useCan } from "@/parts/scopes";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { NodeLink } from "@/stock/stock";
import { SupplierLink } from "@/suppliers/supplier";
import { DECISIONS, type Decision } from "./Decide";
import { POLICY_FILTER, SIBLINGS } from "./policies";
import { StockBar } from "./StockBar";

export type Suggestion = Shape<"Suggestion">;

export const unitsOf = (s: Suggestion) => s.chosen ?? s.quantity;

const COLUMNS: Column<Suggestion>[] = [
  { id: "sku", label: "SKU", sort: "sku", grow: true, render: (s) => <span className="mono strong">{s.sku}</span> },
  { id: "node", label: "At", sort: "node", render: (s) => s.node },
  { id: "kind", label: "From", sort: "supplier", render: (s) => <From of={s} /> },
  { id: "position", label: "Position to level", wide: true, render: (s) => <StockBar plan={s} /> },
  { id: "quantity", label: "Units", sort: "quantity", align: "right", render: (s) => <Units of={s} /> },
  { id: "out_on", label: "Out of stock", sort: "out_on", render: (s) => s.out_on ?? <span className="faint">–</span> },
  { id: "at_risk", label: "At risk", sort: "at_risk", align: "right", render: (s) => s.currency && <Money amount={s.at_risk} currency={s.currency} /> },
  { id: "class_code", label: "Class", extra: true, render: (s) => s.class_code },
  { id: "policy", label: "Policy", extra: true, render: (s) => s.policy },
  { id: "status", label: "Status", render: (s) => <Chip state={s.status} /> },
];

/** Where it comes from: another node, or whom it is bought from. */
export function From({ of: s }: { of: Suggestion }) {
  if (s.from_node) return <NodeLink node={s.from_node} />;
  return s.supplier ? <SupplierLink supplier={s.supplier} /> : <span className="minus">nobody sells it</span>;
}

function Units({ of }: { of: Suggestion }) {
  return of.chosen === null ? <>{of.quantity}</> : <span title={of.chosen_why ?? ""}>{of.chosen} <s className="faint">{of.quantity}</s></span>;
}

const FILTERS: Filter[] = [
  { field: "status", label: "Status", kind: "choice", choices: ["open", "snoozed", "ordered", "rejected", "gone"] },
  { field: "kind", label: "Kind", kind: "choice", choices: ["buy", "transfer"] },
  { field: "supplier", label: "Supplier", kind: "text", operator: "eq", hint: "Code of a supplier" },
  { field: "node", label: "Node", kind: "text", operator: "eq", hint: "Code of a node" },
  { field: "sku", label: "SKU", kind: "text", operator: "start" },
  POLICY_FILTER,
  { field: "at_risk", label: "At risk", kind: "number" },
];

const QUICK: QuickView[] = [
  { label: "To decide", filters: { status_eq: "open" } },
  { label: "Transfers", filters: { status_eq: "open", kind_eq: "transfer" } },
  { label: "Snoozed", filters: { status_eq: "snoozed" } },
  { label: "Ordered", filters: { status_eq: "ordered" } },
  { label: "All", filters: {} },
];

export function SuggestionList() {
  const listing = useListing<Suggestion>("suggestions", { sort: "-at_risk" });
  return (
    <ListPage
      title="Replenishment"
      about="What will be missing, most money at risk first. Nothing is ordered before somebody says so."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      siblings={SIBLINGS}
      href={(s) => `/replenishment/${s.id}`}
      bulk={<DecideBar />}
      actions={<PlanButton />}
      empty={<Empty title="Nothing is missing">Every SKU has enough, or no plan was made yet. Plan now to look again.</Empty>}
    />
  );
}

function PlanButton() {
  const notify = useNotify();
  const plan = useWrite((_: object, once) => answer(api.POST("/api/v1/replenishment-runs", { body: {}, ...once })), {
    touches: ["suggestions"],
    done: () => notify("Planning every SKU at every node. The list follows by itself."),
  });
  if (!useCan()("write_purchasing")) return null;
  return (
    <Button startIcon={<RefreshCw size={14} />} loading={plan.isPending} onClick={() => plan.mutate({})}>
      Plan now
    </Button>
  );
}

/** What stands above chosen suggestions, and what may be done with them together. */
function DecideBar() {
  const { selected, select } = useListingContext();
  const can = useCan();
  const [open, setOpen] = useState<Decision | null>(null);
  const Dialog = open?.dialog;
  return (
    <>
      <span className="strong" role="status">
        {selected.size} selected
      </span>
      <span className="bulk-actions">
        {can("write_purchasing") &&
          DECISIONS.map((decision) => (
            <Button key={decision.label} onClick={() => setOpen(decision)}>
              {decision.label}
            </Button>
          ))}
        <Button variant="text" aria-label="Clear the selection" title="Esc" onClick={() => select([])}>
          <X size={15} />
        </Button>
      </span>
      {Dialog && <Dialog ids={[...selected]} close={() => setOpen(null)} done={() => select([])} />}
    </>
  );
}
