import { Link } from "react-router";
import type { ResourceName } from "@/api/resources";
import type { Filter } from "@/parts/filters";

/** What a movement of stock makes out of date. */
export const TOUCHES: (ResourceName | "home")[] = ["stock", "ledger", "bin-stock", "lots", "allocations", "orders", "home"];

export const SIBLINGS = [
  { label: "Levels", to: "/stock" },
  { label: "In bins", to: "/stock/bins" },
  { label: "Lots", to: "/stock/lots" },
  { label: "Promised to orders", to: "/stock/allocations" },
  { label: "Held for checkouts", to: "/stock/holds" },
  { label: "Ledger", to: "/stock/ledger" },
];

export const STATUSES = ["sellable", "quarantine", "damaged", "transit"] as const;

export const SKU: Filter = { field: "sku", label: "SKU", kind: "text", operator: "eq", hint: "exactly" };
export const NODE: Filter = { field: "node", label: "Node", kind: "text", operator: "eq", hint: "Code of a node" };

export const skuHref = (sku: string) => `/stock/sku/${encodeURIComponent(sku)}`;

export function SkuLink({ sku }: { sku: string }) {
  return (
    <Link className="mono strong" to={skuHref(sku)}>
      {sku}
    </Link>
  );
}

export function NodeLink({ node }: { node: string }) {
  return (
    <Link className="quiet" to={`/nodes/${node}`}>
      {node}
    </Link>
  );
}

/** `order:0197…` as a link to it, where the console has a screen for such things. */
export function Cause({ cause }: { cause: string }) {
  const [kind = "", id = ""] = cause.split(":");
  const places: Record<string, string> = { order: "/orders", transfer: "/transfers", count: "/counts", lot: "/stock/lots" };
  const text = id ? `${kind} ${id.slice(-6)}` : cause;
  const place = places[kind];
  return place ? (
    <Link className="link" to={`${place}/${id}`}>
      {text}
    </Link>
  ) : (
    <span title={cause}>{text}</span>
  );
}

/** A change, with its sign. */
export function Change({ units }: { units: number }) {
  if (units === 0) return <span className="faint">0</span>;
  return <span className={units > 0 ? "plus" : "minus"}>{units > 0 ? `+${units}` : `−${-units}`}</span>;
}
