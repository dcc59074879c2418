export type Change = { field: string; before: string | null; after: string | null };


function told(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What an audit entry changed, field by field; what stayed the same is left out. */
export function changesOf(was: unknown, is: unknown): Change[] {
  const [before, after] = [was, is] as (Record<string, unknown> | null | undefined)[];
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return fields
    .map((field) => ({ field, before: told(before?.[field]), after: told(after?.[field]) }))
    .filter((change) => change.before !== change.after);
}
