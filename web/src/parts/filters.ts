import { movingWords } from "./moving";

/** A filter that a list offers. `field` is the API's name; `names` are those of choices that are no words themselves. */
export type Filter =
  | { field: string; label: string; kind: "choice"; choices: readonly string[]; names?: Readonly<Record<string, string>> }
  | { field: string; label: string; kind: "text"; operator?: "eq" | "cont" | "start"; hint?: string }
  | { field: string; label: string; kind: "date" }
  | { field: string; label: string; kind: "number" }
  | { field: string; label: string; kind: "yes" };

const SAID: Record<string, string> = {
  eq: "is", not_eq: "is not", cont: "contains", start: "starts with", end: "ends with", in: "is", lt: "before",
  lteq: "up to", gt: "after", gteq: "from", null: "is empty",
};

/** `status_in` → the field and its operator, longest operator first. */
export function splitName(name: string): { field: string; operator: string } {
  const found = /^(.*?)_(not_eq|lteq|gteq|cont|start|null|end|eq|lt|gt|in)$/.exec(name);
  return found ? { field: found[1] ?? name, operator: found[2] ?? "eq" } : { field: name, operator: "eq" };
}

/** A filter of the address in words: `Status is held or placed`. */
export function sentence(name: string, value: string, offered: Filter[]): string {
  const { field, operator } = splitName(name);
  const known = offered.find((f) => f.field === field);
  const label = known?.label ?? field.replaceAll("_", " ");
  if (operator === "null") return `${label} ${value === "true" ? "is empty" : "is set"}`;
  const numeric = known?.kind === "number";
  const verb = numeric ? { gt: "above", gteq: "at least", lt: "below", lteq: "at most" }[operator] : undefined;
  const told = value.split(",").map((part) => part.replaceAll("_", " "));
  const text = operator === "in" ? listed(told) : told.join(",");
  const shown = movingWords(value) ?? (known?.kind === "date" ? text.replace(/T.*$/, "") : text);
  return `${label} ${verb ?? SAID[operator] ?? operator} ${shown}`;
}

function listed(parts: string[]): string {
  if (parts.length > 4) return `${parts.slice(0, 3).join(", ")} or ${parts.length - 3} more`;
  return parts.join(" or ");
}
