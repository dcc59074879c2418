export type Change = { field: string; before: string | null; after: string | null };

function told(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value.join(", ") || "none";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What changes with everything, and says nothing of what happened. */
const BOOKKEEPING = new Set(["updated_at", "version"]);

/** The first few changes that mean something, for a line of a list. */
export function summaryOf(changes: Change[], most = 3): string {
  const told = changes.filter(({ field }) => !BOOKKEEPING.has(field));
  const words = told.slice(0, most).map(({ field, before, after }) =>
    before === null ? `${field} ${after ?? ""}` : `${field} ${before} → ${after ?? "nothing"}`,
  );
  if (told.length > most) words.push(`and ${told.length - most} more`);
  return words.join(", ");
}

/** What an audit entry changed, field by field; what stayed the same is left out. */
export function changesOf(was: unknown, is: unknown): Change[] {
  const [before, after] = [was, is] as (Record<string, unknown> | null | undefined)[];
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return fields
    .map((field) => ({ field, before: told(before?.[field]), after: told(after?.[field]) }))
    .filter((change) => change.before !== change.after);
}
