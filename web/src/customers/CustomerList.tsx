import type { Shape } from "@/api/client";
import { Chip, words } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { SearchField } from "@/parts/SearchField";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { NewCustomerButton } from "./PutCustomer";

type Customer = Shape<"Customer">;

const COLUMNS: Column<Customer>[] = [
  { id: "name", label: "Name", sort: "name", render: (c) => c.name ?? c.email ?? <span className="faint">{c.erased_at ? "Erased" : "No name"}</span> },
  { id: "email", label: "E-mail", sort: "email", grow: true, render: (c) => c.email },
  { id: "class", label: "Class", render: (c) => <Chip state={c.class} tone={c.class === "standard" ? "mute" : "accent"} label={words(c.class)} /> },
  { id: "tags", label: "Tags", wide: true, render: (c) => c.tags.map((tag) => <span key={tag} className="tag">{tag}</span>) },
  { id: "external_ref", label: "Reference", wide: true, render: (c) => <span className="quiet">{c.external_ref}</span> },
  { id: "updated_at", label: "Changed", extra: true, render: (c) => <When at={c.updated_at} /> },
  { id: "created_at", label: "Since", sort: "created_at", align: "right", render: (c) => <When at={c.created_at} /> },
];

const FILTERS: Filter[] = [
  { field: "name", label: "Name", kind: "text" },
  { field: "email", label: "E-mail", kind: "text" },
  { field: "class", label: "Class", kind: "text", operator: "eq", hint: "exactly" },
  { field: "tags", label: "Tag", kind: "text", operator: "cont", hint: "exactly" },
  { field: "external_ref", label: "Reference", kind: "text", operator: "start" },
  { field: "created_at", label: "Since", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "Wholesale", filters: { class_eq: "wholesale" } },
  { label: "Priority", filters: { class_eq: "priority" } },
  { label: "Erased", filters: { erased_at_null: "false" } },
];

export function CustomerList() {
  const listing = useListing<Customer>("customers", { sort: "-created_at" });
  return (
    <ListPage
      title="Customers"
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      href={(customer) => `/customers/${customer.id}`}
      actions={<NewCustomerButton />}
      before={<SearchField field="name_cont" label="Name contains" />}
      empty={<Empty title="No customer fits" />}
    />
  );
}
