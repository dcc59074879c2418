import type { Shape } from "@/api/client";
import type { Filter } from "@/parts/filters";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { NODE, NodeLink, SKU } from "@/stock/stock";
import { SIBLINGS } from "./backorder";
import { policyText } from "./policy";

type Decision = Shape<"FillDecision">;

const COLUMNS: Column<Decision>[] = [
  { id: "at", label: "When", sort: "at", render: (d) => <When at={d.at} /> },
  { id: "sku", label: "SKU", sort: "sku", render: (d) => <span className="mono">{d.sku}</span> },
  { id: "node", label: "Node", render: (d) => <NodeLink node={d.node} /> },
  { id: "policy", label: "Who went first", grow: true, render: (d) => <span className="quiet">{policyText(d.policy as Parameters<typeof policyText>[0])}</span> },
  { id: "free", label: "Free", align: "right", render: (d) => d.free },
  { id: "waiting", label: "Waited for", align: "right", render: (d) => d.waiting },
  { id: "given", label: "Given", align: "right", render: (d) => <span className="strong">{d.given}</span> },
];

const FILTERS: Filter[] = [SKU, NODE, { field: "at", label: "When", kind: "date" }];

export function DecisionList() {
  const listing = useListing<Decision>("fill-decisions", { sort: "-at" });
  return (
    <ListPage
      title="Who got what"
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      siblings={SIBLINGS}
      href={(d) => `/backorders/decisions/${d.id}`}
      empty={<Empty title="Nobody who waited has got units yet" />}
    />
  );
}
