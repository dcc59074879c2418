import Button from "@mui/material/Button";
import { Plus } from "lucide-react";
import { Link } from "react-router";
import type { Shape } from "@/api/client";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { useCan } from "@/parts/scopes";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { cardHref, SIBLINGS } from "./carrier";

type Row = Shape<"RateCard"> & { id: string };

const COLUMNS: Column<Row>[] = [
  { id: "carrier", label: "Carrier", sort: "carrier", render: (c) => <span className="strong">{c.carrier}</span> },
  { id: "service", label: "Service", sort: "service", grow: true, render: (c) => c.service },
  { id: "currency", label: "Currency", render: (c) => c.currency },
  { id: "transit_days", label: "Quotes, days", align: "right", render: (c) => c.transit_days },
  { id: "cut_off", label: "Cut-off", render: (c) => c.cut_off?.slice(0, 5) ?? <span className="faint">–</span> },
  { id: "valid_from", label: "Valid from", sort: "valid_from", render: (c) => <When at={c.valid_from} /> },
  { id: "valid_to", label: "To", render: (c) => (c.valid_to ? <When at={c.valid_to} /> : <span className="faint">further notice</span>) },
  { id: "active", label: "", render: (c) => !c.active && <Chip state="inactive" /> },
];

const FILTERS: Filter[] = [
  { field: "carrier", label: "Carrier", kind: "text", operator: "eq" },
  { field: "service", label: "Service", kind: "text", operator: "eq" },
  { field: "valid_to", label: "Ends", kind: "date" },
];

export function CardList() {
  const listing = useListing<Row>("rate-cards", { sort: "carrier" });
  const may = useCan()("write_shipping");
  return (
    <ListPage
      title="Rate cards"
      about="What a service costs from a date on. A change is a new version; older ones stay as they were."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={[{ label: "All", filters: {} }, { label: "Without an end", filters: { valid_to_null: "true" } }]}
      siblings={SIBLINGS}
      href={(c) => cardHref(c.id)}
      actions={may && <Button variant="contained" component={Link} to="/carriers/cards/new" startIcon={<Plus size={14} />}>New card</Button>}
      empty={<Empty title="No rate card fits">Without one no label can be bought.</Empty>}
    />
  );
}
