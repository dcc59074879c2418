type Seen = { filters: Record<string, string>; sort: string; columns: readonly string[] };

const canonical = (filters: Record<string, string>) => JSON.stringify(Object.entries(filters).sort());

/** Whether two ways to look at a list are one. */
export function sameView(one: Seen, other: Seen): boolean {
  return one.sort === other.sort && one.columns.join() === other.columns.join() && canonical(one.filters) === canonical(other.filters);
}
