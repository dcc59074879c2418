import { Link } from "react-router";
import { Chip } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Money } from "@/parts/Money";
import { SearchField } from "@/parts/SearchField";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { IssueButton } from "./IssueCard";
import { cardHref, cardName, type GiftCard } from "./value";

const COLUMNS: Column<GiftCard>[] = [
  { id: "last_four", label: "Card", render: (c) => <span className="strong mono">{cardName(c)}</span> },
  { id: "customer", label: "Customer", grow: true, render: (c) => (c.customer_id ? <Link className="link" to={`/customers/${c.customer_id}`}>{c.customer ?? "Without a name"}</Link> : <span className="faint">–</span>) },
  { id: "note", label: "Note", wide: true, render: (c) => c.note ?? <span className="faint">–</span> },
  { id: "blocked", label: "State", render: (c) => (c.blocked ? <Chip state="blocked" tone="bad" /> : <Chip state="active" />) },
  { id: "expires_at", label: "Expires", sort: "expires_at", render: (c) => (c.expires_at ? <When at={c.expires_at} /> : <span className="faint">Never</span>) },
  { id: "created_at", label: "Issued", sort: "created_at", render: (c) => <When at={c.created_at} /> },
  { id: "balance", label: "Balance", sort: "balance", align: "right", render: (c) => <Money amount={c.balance} currency={c.currency} strong /> },
];

const FILTERS: Filter[] = [
  { field: "last_four", label: "Last four", kind: "text", operator: "eq" },
  { field: "currency", label: "Currency", kind: "text", operator: "eq", hint: "EUR" },
  { field: "blocked", label: "Blocked", kind: "yes" },
  { field: "expires_at", label: "Expires", kind: "date" },
  { field: "created_at", label: "Issued", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "With money on them", filters: { balance_gt: "0" } },
  { label: "Blocked", filters: { blocked_eq: "true" } },
];

export function CardList() {
  const listing = useListing<GiftCard>("gift-cards", { sort: "-created_at" });
  return (
    <ListPage
      title="Gift cards"
      about="Money that customers have paid ahead, or were given."
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      href={(c) => cardHref(c.id)}
      before={<SearchField field="last_four_eq" label="Last four signs" />}
      actions={<IssueButton />}
      empty={<Empty title="No gift card fits">Issue one to begin.</Empty>}
    />
  );
}
