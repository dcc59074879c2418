import type { Column } from "./Table";

/** What stands in every row whatever is chosen: its buttons. */
const isVerbs = (column: { id: string }) => column.id === "verbs";

/** The columns that can be chosen from. */
export const choosable = <Row>(columns: readonly Column<Row>[]) => columns.filter((column) => !isVerbs(column));

/** The names of the columns that are shown when nobody chose. */
export const usualOf = <Row>(columns: readonly Column<Row>[]): string[] =>
  choosable(columns).filter((column) => !column.extra).map((column) => column.id);

/** The columns to show, in the order they were chosen in; a name that a list does not know is passed over. */
export function shownOf<Row>(columns: readonly Column<Row>[], chosen: readonly string[]): Column<Row>[] {
  const known = choosable(columns);
  const found = chosen.flatMap((name) => known.filter((column) => column.id === name));
  const shown = found.length > 0 ? found : known.filter((column) => !column.extra);
  return [...shown, ...columns.filter(isVerbs)];
}

/** The names of the columns to show. */
export const namesOf = <Row>(columns: readonly Column<Row>[], chosen: readonly string[]): string[] =>
  choosable(shownOf(columns, chosen)).map((column) => column.id);

/** Takes a column away, or adds it at the end; the last one stays. */
export function toggled(names: readonly string[], name: string): string[] {
  const others = names.filter((other) => other !== name);
  if (others.length === names.length) return [...names, name];
  return others.length > 0 ? others : [...names];
}

/** One place to the left (-1) or to the right (1). */
export function moved(names: readonly string[], name: string, by: -1 | 1): string[] {
  const at = names.indexOf(name);
  const to = at + by;
  if (at < 0 || to < 0 || to >= names.length) return [...names];
  const rest = names.filter((other) => other !== name);
  return [...rest.slice(0, to), name, ...rest.slice(to)];
}
