import { Link } from "react-router";
import type { ResourceName } from "@/api/resources";
import type { Shape } from "@/api/client";
import { useCan } from "@/parts/scopes";
import { TOUCHES as STOCK } from "@/stock/stock";

export type Inspection = Shape<"Inspection">;
export type LookedAt = Shape<"LookedAt">;

/** What a verdict or a decision makes out of date. */
export const TOUCHES: (ResourceName | "home")[] = ["inspections", "dispositions", "supplier-standings", ...STOCK];

const LISTS = [
  { label: "Inspections", to: "/inspections", scope: "read_stock" },
  { label: "What became of rejected goods", to: "/inspections/all/dispositions", scope: "read_stock" },
  { label: "Plans", to: "/inspections/all/plans", scope: "read_purchasing" },
  { label: "Suppliers' standings", to: "/inspections/all/standings", scope: "read_purchasing" },
];

export function useSiblings() {
  const can = useCan();
  return LISTS.filter(({ scope }) => can(scope));
}

export function InspectionLink({ id, number }: { id: string; number: string }) {
  return (
    <Link className="link strong" to={`/inspections/${id}`}>
      {number}
    </Link>
  );
}

/** `3.8 to 4.2 mm`, `at least 3.8 mm`; nothing where there is no limit. */
export function limitsText({ low, high, unit }: Pick<LookedAt, "low" | "high" | "unit">): string {
  const said = low !== null && high !== null ? `${low} to ${high}` : low !== null ? `at least ${low}` : high !== null ? `at most ${high}` : "";
  return said && unit ? `${said} ${unit}` : said;
}

/** The first unit of the sample of which nothing was said yet, or null. */
export function nextUnit(size: number, said: ReadonlySet<number>): number | null {
  for (let unit = 1; unit <= size; unit++) if (!said.has(unit)) return unit;
  return null;
}
