import { useQuery } from "@tanstack/react-query";
import { answer, api, type Shape } from "@/api/client";
import type { Piece } from "./drawing";

export type Plan = Shape<"PackingPlanDetail">;
export type PlannedBox = Plan["boxes"][number];

/** A step of packing: one piece into one box. `before` are those that lie in the box by then. */
export type Step = { box: PlannedBox; boxNo: number; piece: Piece; before: Piece[] };

export const stepsOf = (plan: Plan): Step[] =>
  plan.boxes.flatMap((box, n) => box.pieces.map((piece, m) => ({ box, boxNo: n + 1, piece, before: box.pieces.slice(0, m) })));

/** The step after the next one that puts in this SKU, counted from `at`; `at` itself where there is none to come. */
export function afterNext(steps: readonly Step[], at: number, sku: string): number {
  const found = steps.findIndex((step, n) => n >= at && step.piece.sku === sku);
  return found < 0 ? at : Math.min(found + 1, steps.length - 1);
}

/** How the rest of a fulfilment is to be packed, as goods and boxes are now. `left` are units, null when none are to be planned. */
export function usePlan(fulfilment: string, left: number | null) {
  return useQuery({
    queryKey: ["packing-plans", fulfilment, left],
    enabled: left !== null,
    staleTime: 60_000,
    queryFn: () => answer(api.POST("/api/v1/fulfilments/{fulfilment_id}/packing-plan", { params: { path: { fulfilment_id: fulfilment } } })),
  });
}
