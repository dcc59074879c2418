import Button from "@mui/material/Button";
import { Plus } from "lucide-react";
import { useState } from "react";
import type { Shape } from "@/api/client";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { useCan } from "@/parts/scopes";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { SIBLINGS, weekText, type Collecting } from "./gate";
import { PutCalendar, type Calendar } from "./PutCalendar";

type Row = Shape<"CarrierCalendar"> & { id: string };

const FILTERS: Filter[] = [
  { field: "node", label: "Node", kind: "text", operator: "eq" },
  { field: "carrier", label: "Carrier", kind: "text", operator: "eq" },
  { field: "daily", label: "Booked daily", kind: "yes" },
];

/** The days on which carriers fetch at the nodes. */
export function CalendarList() {
  const can = useCan();
  const [open, setOpen] = useState<Calendar | "new" | null>(null);
  const listing = useListing<Row>("carrier-calendars", { sort: "node" });
  const columns: Column<Row>[] = [
    { id: "carrier", label: "Carrier", sort: "carrier", render: (c) => <span className="strong">{c.carrier}</span> },
    { id: "node", label: "Node", sort: "node", render: (c) => c.node },
    { id: "week", label: "Packed until", grow: true, render: (c) => weekText(c.week as Collecting[]) },
    { id: "closed_dates", label: "Closed on", align: "right", render: (c) => ((c.closed_dates as string[]).length > 0 ? `${(c.closed_dates as string[]).length} days` : <span className="faint">no day</span>) },
    { id: "account", label: "Told through", render: (c) => c.account ?? <span className="faint">people</span> },
    { id: "daily", label: "Pickups", render: (c) => (c.daily ? <Chip state="daily" tone="info" /> : <span className="faint">when booked</span>) },
    { id: "verbs", label: "", align: "right", render: (c) => (
      <span className="row">
        {!c.active && <Chip state="inactive" />}
        {can("write_settings") && <Button variant="text" onClick={() => setOpen(c)}>Change</Button>}
      </span>
    ) },
  ];
  return (
    <ListPage
      title="Carriers' calendars"
      about="What is packed after the cut-off goes on the carrier's next day, and labels are chosen by that. A carrier without a calendar fetches whenever the node is open."
      listing={listing}
      columns={columns}
      filters={FILTERS}
      siblings={SIBLINGS}
      actions={can("write_settings") && <Button variant="contained" startIcon={<Plus size={14} />} onClick={() => setOpen("new")}>New calendar</Button>}
      empty={<Empty title="Every carrier fetches whenever the node is open" />}
    >
      {open && <PutCalendar calendar={open === "new" ? undefined : open} close={() => setOpen(null)} />}
    </ListPage>
  );
}
