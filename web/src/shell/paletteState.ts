import { useSyncExternalStore } from "react";

let isOpen = false;
const watchers = new Set<() => void>();

function set(open: boolean): void {
  isOpen = open;
  watchers.forEach((watcher) => watcher());
}

export const openPalette = () => set(true);
export const closePalette = () => set(false);

export function useIsPaletteOpen(): boolean {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => isOpen,
  );
}
