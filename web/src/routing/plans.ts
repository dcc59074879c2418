import type { Shape } from "@/api/client";

export type Plan = Shape<"RoutingPlanShown">;
export type PlanMove = Shape<"RoutingPlanMove">;

export const planHref = (id: string) => `/routing/plans/${id}`;

/** While it is being made or done it is read anew by itself. */
export const isMoving = (plan: { status: string }) => plan.status === "planning" || plan.status === "applying";

const CAUSES = { lane: "Parcels, as carriers ask", split: "Splits", late: "Lateness", wait: "Waiting for stock", load: "Overtime at nodes", last: "Last units" } as const;

type Side = Shape<"PlanSide">;
type Line = { what: string; now: number; planned: number; isMoney: boolean };

/** What all planned orders cost and come to, as they are beside as planned. */
export function lines(plan: Plan): Line[] {
  const { now, planned } = plan.figures;
  if (!now || !planned) return [];
  const money = (Object.keys(CAUSES) as (keyof typeof CAUSES)[])
    .map((cause) => ({ what: CAUSES[cause], now: now.by_cause[cause], planned: planned.by_cause[cause], isMoney: true }))
    .filter((line) => line.now !== 0 || line.planned !== 0);
  const count = (what: string, pick: (side: Side) => number): Line => ({ what, now: pick(now), planned: pick(planned), isMoney: false });
  return [
    ...money,
    count("Parcels", (side) => side.parcels),
    count("Orders that are split", (side) => side.split),
    count("Orders that come late, on average", (side) => side.late),
    count("Units that wait for stock", (side) => side.waiting),
  ];
}

/** Parcels by node, on both sides. */
export function parcelsByNode(plan: Plan): { node: string; now: number; planned: number }[] {
  const { now, planned } = plan.figures;
  if (!now || !planned) return [];
  const names = [...new Set([...Object.keys(now.by_node), ...Object.keys(planned.by_node)])].sort();
  return names.map((node) => ({ node, now: now.by_node[node] ?? 0, planned: planned.by_node[node] ?? 0 }));
}

/** How much of what could be saved at most is saved, in per cent; null where nothing can be. */
export function reached(plan: { cost_now: number; cost_planned: number; bound: number }): number | null {
  const most = plan.cost_now - plan.bound;
  return most > 0 ? Math.round((100 * (plan.cost_now - plan.cost_planned)) / most) : null;
}
