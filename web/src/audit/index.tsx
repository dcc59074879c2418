import { useState } from "react";
import { Link } from "react-router";
import type { Shape } from "@/api/client";
import { words } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { actorText } from "@/parts/History";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { changesOf, summaryOf } from "./changes";
import { EntryDialog } from "./EntryDialog";
import { useNames } from "./names";
import { recordPlace } from "./places";

type Entry = Shape<"AuditEntry">;

const FILTERS: Filter[] = [
  { field: "actor", label: "Who", kind: "text", operator: "eq", hint: "user:…, key:… or agent:…" },
  { field: "action", label: "Action", kind: "text", operator: "eq", hint: "create, update, delete, …" },
  { field: "record", label: "Record", kind: "text", operator: "start", hint: "order:…" },
  { field: "at", label: "When", kind: "date" },
  { field: "why", label: "Why", kind: "text" },
  { field: "request_id", label: "Request", kind: "text", operator: "eq" },
];
const QUICK: QuickView[] = [
  { label: "Everything", filters: {} },
  { label: "By people", filters: { actor_start: "user:" } },
  { label: "By programs", filters: { actor_start: "key:" } },
  { label: "Orders", filters: { record_start: "order" } },
  { label: "People and keys", filters: { record_start: "user:" } },
];

/** Every write there was: who, when, what, before and after. */
export default function Audit() {
  const listing = useListing<Entry>("audit", { sort: "-id" });
  const names = useNames();
  const [open, setOpen] = useState<Entry | null>(null);
  const columns: Column<Entry>[] = [
    { id: "at", label: "When", sort: "at", render: (e) => <When at={e.at} /> },
    {
      id: "actor", label: "Who",
      render: (e) => <button type="button" className="plain-link" title="Everything they did" onClick={() => listing.setFilters({ actor_eq: e.actor })}>{actorText(e.actor, names)}</button>,
    },
    { id: "action", label: "Did", render: (e) => words(e.action) },
    { id: "record", label: "Record", render: (e) => <Record record={e.record} /> },
    {
      id: "after", label: "What changed", grow: true,
      render: (e) => <button type="button" className="plain-link cut" onClick={() => setOpen(e)}>{summary(e)}</button>,
    },
  ];
  return (
    <ListPage title="Audit log" about="Append-only: nobody can change or remove a line of it." listing={listing} columns={columns} filters={FILTERS} quick={QUICK} empty={<Empty title="No entry fits">Take a filter away.</Empty>}>
      {open && <EntryDialog entry={open} names={names} close={() => setOpen(null)} />}
    </ListPage>
  );
}

function summary(entry: Entry): string {
  return summaryOf(changesOf(entry.before, entry.after)) || entry.why || "Details";
}

function Record({ record }: { record: string }) {
  const [kind = "", id = ""] = record.split(/:(.*)/s);
  const place = recordPlace(record);
  const text = <>{words(kind)} <code>{id.length > 12 ? id.slice(-6) : id}</code></>;
  return place ? <Link className="link" to={place} title={record}>{text}</Link> : <span title={record}>{text}</span>;
}
