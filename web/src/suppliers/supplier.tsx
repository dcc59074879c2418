import { Link } from "react-router";
import type { ResourceName } from "@/api/resources";
import type { Shape } from "@/api/client";
import { Money } from "@/parts/Money";

export type Supplier = Shape<"Supplier">;
export type Item = Shape<"SupplierItem">;
export type Break = { from: number; unit_cost: number };

export const SIBLINGS = [
  { label: "Suppliers", to: "/suppliers" },
  { label: "What they sell", to: "/suppliers/all/items" },
  { label: "Promises", to: "/suppliers/all/promises" },
  { label: "Receipts", to: "/suppliers/all/receipts" },
  { label: "Deliveries", to: "/suppliers/all/deliveries" },
];

/** What a change of who sells what makes out of date. */
export const TOUCHES: ResourceName[] = ["suppliers", "supplier-items"];

export const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** Purchase orders that are not over. */
export const OPEN = ["draft", "approved", "sent", "confirmed", "partly_received"] as const;

export const supplierHref = (code: string) => `/suppliers/${encodeURIComponent(code)}`;

export function SupplierLink({ supplier }: { supplier: string }) {
  return (
    <Link className="quiet" to={supplierHref(supplier)}>
      {supplier}
    </Link>
  );
}

export const breaksOf = (item: Item) => item.breaks as Break[];

/** When the supplier is asked for the SKU, among all who sell it. */
export function placeText({ place, sellers }: Pick<Item, "place" | "sellers">): string {
  if (place === null) return "blocked";
  if (sellers === 1) return "the only one";
  return place === 1 ? `first of ${sellers}` : `${place} of ${sellers}`;
}

/** The cost of a unit, and what it is from which quantity on. */
export function Costs({ item }: { item: Item }) {
  return (
    <>
      <Money amount={item.unit_cost} currency={item.currency} />
      {breaksOf(item).map((b) => (
        <p key={b.from} className="faint small nowrap">
          from {b.from}: <Money amount={b.unit_cost} currency={item.currency} />
        </p>
      ))}
    </>
  );
}

/** Monday to Friday is one word and not five. */
export function orderDays(weekdays: readonly number[]): string {
  const days = [...weekdays].sort((a, b) => a - b);
  if (days.length === 7) return "every day";
  if (days.join() === "0,1,2,3,4") return "Mon to Fri";
  return days.map((day) => DAYS[day]).join(", ");
}
