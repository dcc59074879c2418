import { useQuery } from "@tanstack/react-query";
import { answer, api, type Shape } from "@/api/client";
import { at } from "./order";

export type Routing = Shape<"OrderRouting">;
export type Decision = Routing["decisions"][number];
export type RoutedNode = Decision["nodes"][number];

export function useRouting(order: string) {
  return useQuery({
    queryKey: ["orders", "routing", order],
    queryFn: () => answer(api.GET("/api/v1/orders/{order}/routing", at(order))),
  });
}

const CAUSES: Record<string, string> = {
  placed: "When it was placed",
  edited: "When it was changed",
  moved: "Moved by hand",
  short_pick: "Routed anew because units were not in their bin",
  planned: "By a plan of open orders",
  released: "Routed anew because it is held no longer",
  closed_node: "Moved because a node ships no more",
};

export const causeWords = (cause: string) => CAUSES[cause] ?? cause;

/** `2 MUG from BER`, what lies there and what waits apart, summed over the lines. */
export function planWords(plan: Decision["plan"]): string[] {
  const units = new Map<string, number>();
  for (const piece of plan) {
    const key = `${piece.sku} from ${piece.node}${piece.backordered ? ", when stock comes" : ""}`;
    units.set(key, (units.get(key) ?? 0) + piece.quantity);
  }
  return [...units].map(([what, quantity]) => `${quantity} ${what}`);
}

/** Why each part comes from where it comes, each reason once. */
export const reasons = (plan: Decision["plan"]): string[] => [...new Set(plan.map((piece) => piece.why))];

/** What a rule said of a node, in a word. */
export function rankWords(node: RoutedNode, kind: string, rank: number | null): string {
  switch (kind) {
    case "nearest":
      return node.km === null ? "?" : `${node.km.toLocaleString("en-GB")} km`;
    case "fewest_splits":
      return rank === null ? "–" : rank < 2 ? "has all" : `lacks ${Math.floor(rank / 2)}`;
    case "same_market":
      return rank === null ? "–" : rank === 0 ? "in it" : "outside";
    case "ranked":
      return rank === null ? "–" : `place ${rank + 1}`;
    case "soonest":
      return node.days === 0 ? "today" : `in ${node.days} d`;
    case "cover":
      return rank === null ? "–" : rank === 0 ? "lasts" : "runs low";
    case "least_load":
      return `${node.load} open`;
    default:
      return rank === null ? "–" : String(rank);
  }
}
