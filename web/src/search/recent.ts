/** What was opened last, for the palette: kept in this browser, by person's own storage. */
export type Recent = { label: string; about: string; path: string };

const KEY = "backoffice-recent";
const MOST = 12;

export function recentItems(): Recent[] {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]") as unknown;
    return Array.isArray(kept) ? (kept as Recent[]) : [];
  } catch {
    return [];
  }
}

/** Puts an item first, and takes the same one away where it stood before. */
export function remember(item: Recent, kept = recentItems()): Recent[] {
  const next = [item, ...kept.filter((other) => other.path !== item.path)].slice(0, MOST);
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // Storage is full or forbidden: nothing is recent then.
  }
  return next;
}
