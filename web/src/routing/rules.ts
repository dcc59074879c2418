import type { Shape } from "@/api/client";

export type RuleSet = Shape<"RoutingRuleSet">;
export type Rule = Shape<"RoutingRuleBody">;
export type Tried = Shape<"RulesTried">;
type Kind = Rule["kind"];

/** What a rule needs to be told, beside being there. */
type Needs = "nothing" | "nodes" | "countries" | "classes" | "markets" | "limit";

type Known = { label: string; said: string; excludes?: true; needs: Needs; unit?: string; start?: number };

/** Every kind of rule, in the order in which they are offered. */
export const KINDS: Record<Kind, Known> = {
  only_nodes: { label: "Only these nodes", said: "No other node ships it.", excludes: true, needs: "nodes" },
  serves: { label: "Countries served", said: "A node ships to the countries that stand beside it; a node that is not named ships everywhere.", excludes: true, needs: "countries" },
  no_hazard: { label: "Dangerous goods", said: "A node does not ship the classes that stand beside it; the rest of an order may leave from there.", excludes: true, needs: "classes" },
  dispatch_within: { label: "Dispatch within", said: "A node that cannot hand over by then ships nothing: its week, its holidays and its cut-off count.", excludes: true, needs: "limit", unit: "days", start: 1 },
  fewest_splits: { label: "Fewest splits", said: "The node that lacks least of the order comes first.", needs: "nothing" },
  nearest: { label: "Nearest", said: "By distance between towns; where a town is not known, the customer’s own country comes first.", needs: "limit", unit: "km count as one distance", start: 50 },
  cheapest: { label: "Cheapest carriage", said: "By what the rate cards in force ask for the order’s weight from there. A node from which no card takes it comes last.", needs: "limit", unit: "cents (the currency’s smallest units) count as one price", start: 50 },
  same_market: { label: "Same market", said: "Nodes in the customer’s country come first, or in one of the countries that count as one market with it.", needs: "markets" },
  ranked: { label: "Ranked nodes", said: "In this order; the others come after.", needs: "nodes" },
  soonest: { label: "Soonest dispatch", said: "The node that can hand over first comes first.", needs: "nothing" },
  cover: { label: "Days of cover", said: "Nodes where the stock lasts so long after the order come first, by the demand of the last replenishment plan.", needs: "limit", unit: "days", start: 7 },
  least_load: { label: "Least load", said: "Nodes with fewer fulfilments still to ship come first.", needs: "limit", unit: "fulfilments count as one load", start: 20 },
};

export const CHANNELS = [
  { value: "*", label: "Every channel without rules of its own" },
  { value: "web", label: "Web" },
  { value: "marketplace", label: "Marketplace" },
  { value: "store", label: "Store" },
];

export const channelWords = (channel: string) => (channel === "*" ? "every channel" : channel);

export const ruleSetHref = (id: string) => `/routing/${id}`;

/** A rule of a kind, as it begins. */
export function fresh(kind: Kind): Rule {
  const { start } = KINDS[kind];
  return { kind, active: true, nodes: [], by_node: {}, markets: [], limit: start ?? null };
}

/** The list with one element at another place; out of range it stays as it is. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list];
  if (to < 0 || to >= list.length || from === to) return next;
  const [one] = next.splice(from, 1);
  next.splice(to, 0, one as T);
  return next;
}

const codes = (text: string) => text.split(/[\s,;]+/).filter(Boolean);

/** `LON, RTM`: in their order, each once. */
export const nodesOf = (text: string): string[] => [...new Set(codes(text))];

/** A line for each node, `LON: GB IE`. Lines without a colon are not finished and say nothing yet. */
export function byNodeOf(text: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const line of text.split("\n")) {
    const [node = "", rest] = line.split(":");
    if (node.trim() && rest !== undefined) found[node.trim()] = [...new Set(codes(rest))];
  }
  return found;
}

/** A line for each market, `DE AT CH`. */
export const marketsOf = (text: string): string[][] => text.split("\n").map(codes).filter((market) => market.length > 0);

/** What a rule was told, as people write it. */
export function textOf(rule: Rule): string {
  switch (KINDS[rule.kind].needs) {
    case "nodes":
      return (rule.nodes ?? []).join(", ");
    case "countries":
    case "classes":
      return Object.entries(rule.by_node ?? {}).map(([node, named]) => `${node}: ${named.join(" ")}`).join("\n");
    case "markets":
      return (rule.markets ?? []).map((market) => market.join(" ")).join("\n");
    default:
      return rule.limit === null || rule.limit === undefined ? "" : String(rule.limit);
  }
}

/** The rule, told something else. */
export function told(rule: Rule, text: string): Rule {
  switch (KINDS[rule.kind].needs) {
    case "nodes":
      return { ...rule, nodes: nodesOf(text) };
    case "countries":
    case "classes":
      return { ...rule, by_node: byNodeOf(text) };
    case "markets":
      return { ...rule, markets: marketsOf(text) };
    case "limit":
      return { ...rule, limit: /^\d+$/.test(text.trim()) ? Number(text) : null };
    default:
      return rule;
  }
}

type Line = { what: string; now: string; tried: string };

const whole = (n: number) => n.toLocaleString("en-GB");

/** Both sets of rules over the same orders, line by line. */
export function lines({ now, tried }: Tried): Line[] {
  const of = (what: string, pick: (side: Tried["now"]) => string): Line => ({ what, now: pick(now), tried: pick(tried) });
  return [
    of("Orders that could be promised", (s) => whole(s.orders)),
    of("Orders without stock that may go there", (s) => whole(s.refused)),
    of("Parcels", (s) => whole(s.parcels)),
    of("Orders that are split", (s) => whole(s.split)),
    of("Units that wait for stock", (s) => whole(s.waiting)),
    of("Kilometres of all parcels", (s) => (s.measured ? whole(s.km) : "–")),
    of("Days until dispatch, of all orders", (s) => whole(s.days)),
  ];
}

/** Parcels by node, on both sides. */
export function byNode({ now, tried }: Tried): { node: string; now: number; tried: number }[] {
  const names = [...new Set([...now.by_node, ...tried.by_node].map((n) => n.node))].sort();
  const of = (side: Tried["now"], node: string) => side.by_node.find((n) => n.node === node)?.parcels ?? 0;
  return names.map((node) => ({ node, now: of(now, node), tried: of(tried, node) }));
}
