import type { Shape } from "@/api/client";

type Policy = Pick<Shape<"FillPolicyState">, "ranking" | "classes" | "most_passed" | "most_days">;

export const RANKINGS: Record<string, string> = {
  priority: "class",
  complete: "who has everything then",
  share: "a share for each",
  promised: "earlier promise",
  placed: "first come",
};

/** `class (vip), then first come; passed over 3 times at most`. */
export function policyText({ ranking, classes, most_passed, most_days }: Policy): string {
  const order = ranking.map((name) => (name === "priority" ? `class (${classes.map((c) => c.tag).join(", ")})` : (RANKINGS[name] ?? name)));
  const bound = most_passed === 0 ? "nobody is passed over" : `passed over ${most_passed} ${most_passed === 1 ? "time" : "times"} at most`;
  return `${order.join(", then ")}; ${bound}${most_days ? `, or for ${most_days} days` : ""}`;
}

/** `vip, order:rush, class:wholesale` as the classes that it names, the best first. */
export function classesOf(text: string): { tag: string; of: "customer" | "order" | "class" }[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => {
      const [, of, tag] = /^(customer|order|class):\s*(.+)$/.exec(part) ?? [];
      return of && tag ? { tag, of: of as "customer" | "order" | "class" } : { tag: part, of: "customer" };
    });
}

export const classesText = (classes: Policy["classes"]) => classes.map((c) => (c.of === "customer" ? c.tag : `${c.of}:${c.tag}`)).join(", ");
