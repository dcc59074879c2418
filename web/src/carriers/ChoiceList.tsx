import type { Shape } from "@/api/client";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { choiceHref, share, SIBLINGS } from "./carrier";

export type Choice = Shape<"CarrierChoice">;
type Row = Choice & { id: string };

const COLUMNS: Column<Row>[] = [
  { id: "chosen", label: "Chosen", render: (c) => <span className="strong nowrap">{c.chosen ?? "none"}</span> },
  { id: "why", label: "Why", grow: true, render: (c) => <span className="quiet small">{c.why}</span> },
  { id: "by_hand", label: "", render: (c) => <>{c.by_hand && <Chip state="by hand" tone="info" label="By hand" />}{c.was_explored && <Chip state="tried" tone="accent" label="Tried" />}</> },
  { id: "country", label: "To", render: (c) => c.country },
  { id: "weight_grams", label: "Weighs", sort: "weight_grams", align: "right", render: (c) => `${c.weight_grams.toLocaleString("en-GB")} g` },
  { id: "late_ppm", label: "Late", sort: "late_ppm", align: "right", render: (c) => share(c.late_ppm) },
  { id: "rule_set", label: "Rules", align: "right", render: (c) => c.rule_set ?? <span className="faint">–</span> },
  { id: "at", label: "When", sort: "at", render: (c) => <When at={c.at} /> },
];

const FILTERS: Filter[] = [
  { field: "chosen", label: "Chosen", kind: "text", operator: "start" },
  { field: "country", label: "To", kind: "text", operator: "eq", hint: "DE" },
  { field: "by_hand", label: "By hand", kind: "yes" },
  { field: "was_explored", label: "Tried", kind: "yes" },
  { field: "rule_set", label: "Version of the rules", kind: "number" },
  { field: "weight_grams", label: "Weighs, g", kind: "number" },
  { field: "at", label: "When", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "By hand", filters: { by_hand_eq: "true" } },
  { label: "Tried", filters: { was_explored_eq: "true" } },
];

export function ChoiceList() {
  const listing = useListing<Row>("carrier-choices", { sort: "-at" });
  return (
    <ListPage
      title="Carrier choices"
      about="Why this carrier: every parcel with what was chosen for it, from which offers, by which rules."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      siblings={SIBLINGS}
      href={(c) => choiceHref(c.id)}
      empty={<Empty title="No choice fits">One is kept with every label that is bought.</Empty>}
    />
  );
}
