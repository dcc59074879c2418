import Button from "@mui/material/Button";
import { Scale } from "lucide-react";
import { Link, Route, Routes } from "react-router";
import { Chip, words } from "@/parts/Chip";
import type { Filter } from "@/parts/filters";
import { ListPage, type QuickView } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Money } from "@/parts/Money";
import { SearchField } from "@/parts/SearchField";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import type { Payment } from "@/orders/order";
import { LimitList } from "./Limits";

const COLUMNS: Column<Payment>[] = [
  { id: "created_at", label: "Asked for", sort: "created_at", render: (p) => <When at={p.created_at} /> },
  { id: "order_number", label: "Order", render: (p) => <Link className="link strong" to={`/orders/${p.order_id}`}>{p.order_number ?? p.order_id.slice(-6)}</Link> },
  { id: "state", label: "State", sort: "state", render: (p) => <Chip state={p.state} /> },
  { id: "provider", label: "Provider", render: (p) => words(p.provider) },
  { id: "error", label: "What was said", grow: true, render: (p) => p.error ?? <span className="faint">–</span> },
  { id: "authorised", label: "Authorised", align: "right", extra: true, render: (p) => <Money amount={p.authorised} currency={p.currency} /> },
  { id: "updated_at", label: "Changed", extra: true, render: (p) => <When at={p.updated_at} /> },
  { id: "captured", label: "Captured", align: "right", wide: true, render: (p) => <Money amount={p.captured} currency={p.currency} /> },
  { id: "refunded", label: "Refunded", align: "right", wide: true, render: (p) => <Money amount={p.refunded} currency={p.currency} /> },
  { id: "amount", label: "Amount", sort: "amount", align: "right", render: (p) => <Money amount={p.amount} currency={p.currency} strong /> },
];

const STATES = ["pending", "unknown", "authorised", "captured", "declined", "voided", "refunded"] as const;

const FILTERS: Filter[] = [
  { field: "order_number", label: "Order", kind: "text", operator: "start" },
  { field: "state", label: "State", kind: "choice", choices: STATES },
  { field: "provider", label: "Provider", kind: "choice", choices: ["test", "stripe", "gift_card", "store_credit", "exchange", "external", "manual"] },
  { field: "provider_ref", label: "Provider's reference", kind: "text", operator: "start" },
  { field: "currency", label: "Currency", kind: "text", operator: "eq", hint: "EUR" },
  { field: "created_at", label: "Asked for", kind: "date" },
  { field: "updated_at", label: "Changed", kind: "date" },
];

const QUICK: QuickView[] = [
  { label: "All", filters: {} },
  { label: "Declined", filters: { state_eq: "declined" } },
  { label: "Unknown", filters: { state_eq: "unknown" } },
  { label: "Authorised", filters: { state_eq: "authorised" } },
];

function PaymentList() {
  const listing = useListing<Payment>("payments", { sort: "-created_at" });
  return (
    <ListPage
      title="Payments"
      listing={listing}
      columns={COLUMNS}
      filters={FILTERS}
      quick={QUICK}
      href={(payment) => `/orders/${payment.order_id}`}
      actions={<Button component={Link} to="/payments/limits" startIcon={<Scale size={14} />}>Goodwill limits</Button>}
      before={<SearchField field="order_number_start" label="Order begins with" />}
      empty={<Empty title="No payment fits" />}
    />
  );
}

export default function Payments() {
  return (
    <Routes>
      <Route index element={<PaymentList />} />
      <Route path="limits" element={<LimitList />} />
    </Routes>
  );
}
