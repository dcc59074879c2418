import type { Shape } from "@/api/client";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { SearchField } from "@/parts/SearchField";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { ReleaseHoldButton } from "./ReleaseHold";
import { NODE, NodeLink, SIBLINGS, SKU, SkuLink } from "./stock";

type Hold = Shape<"StockHold">;

const COLUMNS: Column<Hold>[] = [
  { id: "reference", label: "Checkout", render: (h) => h.reference },
  { id: "sku", label: "SKU", sort: "sku", render: (h) => <SkuLink sku={h.sku} /> },
  { id: "node", label: "Node", render: (h) => <NodeLink node={h.node} /> },
  { id: "state", label: "State", grow: true, render: (h) => <Chip state={h.state} /> },
  { id: "created_at", label: "Since", sort: "created_at", render: (h) => <When at={h.created_at} /> },
  { id: "expires_at", label: "Until", sort: "expires_at", render: (h) => <When at={h.expires_at} /> },
  { id: "quantity", label: "Units", align: "right", render: (h) => <span className="strong">{h.quantity}</span> },
  { id: "verbs", label: "", align: "right", render: (h) => h.state === "live" && <ReleaseHoldButton reference={h.reference} /> },
];

const FILTERS: Filter[] = [
  SKU,
  NODE,
  { field: "state", label: "State", kind: "choice", choices: ["live", "converted", "released", "expired"] },
  { field: "reference", label: "Checkout", kind: "text" },
  { field: "expires_at", label: "Until", kind: "date" },
];

export function HoldList() {
  const listing = useListing<Hold>("stock-holds", { sort: "-created_at" });
  return (
    <ListPage
      title="Held for checkouts"
      about="Units kept aside until a customer pays or the time is over."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      siblings={SIBLINGS}
      before={<SearchField field="sku_start" label="SKU begins with" />}
      empty={<Empty title="No checkout holds anything" />}
    />
  );
}
