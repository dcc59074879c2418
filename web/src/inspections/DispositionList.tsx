import { Link } from "react-router";
import type { Shape } from "@/api/client";
import { words } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { actorText } from "@/parts/History";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Money } from "@/parts/Money";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { useSiblings } from "./inspection";

type Row = Shape<"Disposition">;

const COLUMNS: Column<Row>[] = [
  { id: "kind", label: "What", sort: "kind", render: (d) => <span className="strong">{words(d.kind)}</span> },
  { id: "quantity", label: "Units", align: "right", render: (d) => d.quantity },
  { id: "reason", label: "Why", grow: true, render: (d) => d.reason },
  { id: "claim", label: "Asked back", sort: "claim", align: "right", render: (d) => <Money amount={d.claim} currency={d.currency} /> },
  { id: "rework_id", label: "Looked at again", render: (d) => d.rework_id && <Link className="link small" to={`/inspections/${d.rework_id}`}>Inspection</Link> },
  { id: "by", label: "By", wide: true, render: (d) => <span className="quiet">{actorText(d.by)}</span> },
  { id: "at", label: "When", sort: "at", render: (d) => <When at={d.at} /> },
];

const FILTERS: Filter[] = [
  { field: "kind", label: "What", kind: "choice", choices: ["return_to_vendor", "scrap", "rework", "accept_at_discount", "missing"] },
  { field: "at", label: "When", kind: "date" },
];

export function DispositionList() {
  const listing = useListing<Row>("dispositions", { sort: "-at" });
  return (
    <ListPage
      title="What became of rejected goods"
      about="And what is asked back for them from suppliers."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      siblings={useSiblings()}
      href={(d) => `/inspections/${d.inspection_id}`}
      empty={<Empty title="Nothing fits">Rejected units are disposed of in their inspection.</Empty>}
    />
  );
}
