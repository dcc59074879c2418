/** `read_orders` stands in the row `orders` and the column `read`. */
export type Cell = { verb: string; noun: string };

export function cellOf(scope: string): Cell {
  const at = scope.indexOf("_");
  return { verb: scope.slice(0, at), noun: scope.slice(at + 1) };
}

const ORDER = ["read", "write", "judge", "refund", "share"];

/** The vocabulary as a table: nouns in the order of the alphabet, verbs as people think of them. */
export function matrixOf(scopes: string[]): { nouns: string[]; verbs: string[] } {
  const cells = scopes.map(cellOf);
  const verbs = [...new Set(cells.map((c) => c.verb))].sort((a, b) => (ORDER.indexOf(a) + 1 || 99) - (ORDER.indexOf(b) + 1 || 99));
  return { nouns: [...new Set(cells.map((c) => c.noun))].sort(), verbs };
}
