import { useQueryClient } from "@tanstack/react-query";
import { useNotify } from "ra-core";
import type { ResourceName } from "@/api/resources";

/** How a step is taken back: the request that the server named in its answer. */
export type WayBack = { says: string; method: string; path: string; body: Record<string, unknown>; until: string };

const SHOWN_MS = 9000;

/**
 * Says what was done, with a button that takes it back where the server says that it can be.
 *
 *     const told = useTold(["orders"]);
 *     … done: (order) => told(`Order ${order.number} is on hold`, order.undo)
 */
export function useTold(touches: (ResourceName | "home")[] = []): (message: string, undo?: WayBack | null) => void {
  const notify = useNotify();
  const queries = useQueryClient();
  return (message, undo) => {
    const offered = undo && new Date(undo.until) > new Date() ? undo : null;
    const again = () => touches.forEach((name) => void queries.invalidateQueries({ queryKey: [name] }));
    notify(message, { type: "success", ...(offered && { undo: offered, again, autoHideDuration: SHOWN_MS }) });
  };
}
