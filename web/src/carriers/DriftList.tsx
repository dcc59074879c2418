import { Link } from "react-router";
import type { Shape } from "@/api/client";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { scorecardHref, SIBLINGS, thousandths } from "./carrier";

type Row = Shape<"CarrierDrift"> & { id: string };

const COLUMNS: Column<Row>[] = [
  { id: "service", label: "Service", render: (d) => <Link className="link strong" to={scorecardHref(d.carrier)}>{d.carrier} {d.service}</Link> },
  { id: "direction", label: "Became", render: (d) => <Chip state={d.direction} tone={d.direction === "slower" ? "bad" : "info"} /> },
  { id: "state", label: "State", render: (d) => <Chip state={d.state} tone={d.state === "open" ? "warn" : "mute"} /> },
  { id: "late", label: "Late, foreseen", align: "right", render: (d) => `${d.late} of ${d.parcels}, ${thousandths(d.late_meant)}` },
  { id: "why", label: "Why", grow: true, render: (d) => <span className="quiet small">{d.why}</span> },
  { id: "statistic", label: "Evidence", sort: "statistic", align: "right", extra: true, render: (d) => `${thousandths(d.statistic)} of ${thousandths(d.threshold)}` },
  { id: "began_on", label: "Since", render: (d) => d.began_on },
  { id: "noticed_at", label: "Noticed", sort: "noticed_at", render: (d) => <When at={d.noticed_at} /> },
];

const FILTERS: Filter[] = [
  { field: "state", label: "State", kind: "choice", choices: ["open", "ended"] },
  { field: "carrier", label: "Carrier", kind: "text", operator: "eq" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "Now", filters: { state_eq: "open" } },
];

export function DriftList() {
  const listing = useListing<Row>("carrier-drifts", { sort: "-noticed_at" });
  return (
    <ListPage
      title="Drift of carriers"
      about="Services whose recent deliveries departed from what was foreseen of them. It is looked at once a day."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      siblings={SIBLINGS}
      empty={<Empty title="No drift">Every service delivers as was foreseen of it.</Empty>}
    />
  );
}
