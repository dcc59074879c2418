import { answer, api, type Shape } from "@/api/client";
import { isItem, isSame } from "./walk";

export type ShelfTask = Shape<"PutawayTask">;
export type Suggested = ShelfTask["suggestions"][number];
export type Put = Shape<"PutawayState">;

/** Answers to a bin that is not the suggested one, or has no room by its limits: a reason gets past them. */
export const NEEDS_REASON: readonly string[] = ["not_suggested", "unfit_bin", "bin_full", "bin_blocked"];

type Wanted = Pick<ShelfTask, "number" | "sku" | "barcode" | "lot">;

/** Which tasks a scan may mean: by number, by lot, or by what the goods are. */
export function tasksOf<T extends Wanted>(code: string, tasks: readonly T[]): T[] {
  const named = tasks.filter((task) => isSame(code, task.number) || (task.lot !== "" && isSame(code, task.lot)));
  return named.length > 0 ? named : tasks.filter((task) => isItem(code, task));
}

/** Of all open tasks of a node those that a scan may mean, however long the list is. */
export async function openTasksOf(node: string, code: string): Promise<ShelfTask[]> {
  const codes = [...new Set([code, code.toUpperCase()])];
  const found = await Promise.all(
    [{ number_in: codes }, { lot_in: codes }, { sku_in: codes }, { barcode_in: codes }].map((by) =>
      answer(api.GET("/api/v1/putaway-tasks", {
        params: { query: { ...by, node_eq: node, status_in: ["ready", "started"], limit: 2, expand: "suggestions" } },
      })),
    ),
  );
  const rows = new Map(found.flatMap(({ data }) => data).map((task) => [task.id, task]));
  return tasksOf(code, [...rows.values()]);
}

/** Whether somebody else carries it. */
export const isOthers = (task: Pick<ShelfTask, "status" | "assigned_to">, me: string | undefined): boolean =>
  task.status === "started" && task.assigned_to !== null && task.assigned_to !== me;

/** How many go into a bin unless somebody says otherwise: what is suggested for it, else all that is left. */
export function unitsFor(bin: string, task: Pick<ShelfTask, "left" | "suggestions">): number {
  const suggested = task.suggestions.filter((one) => isSame(bin, one.bin)).reduce((sum, one) => sum + one.quantity, 0);
  return suggested > 0 ? suggested : task.left;
}

type Waiting = { order: string; units: number };

export const waitingFor = (task: { waiting: unknown }): Waiting[] => task.waiting as Waiting[];

/** `3 for orders 100301 (2), 100305 (1)`, or nothing when no order waits. */
export function forOrders(waiting: readonly Waiting[]): string | null {
  if (waiting.length === 0) return null;
  const units = waiting.reduce((sum, one) => sum + one.units, 0);
  const told = waiting.map((one) => (waiting.length > 1 ? `${one.order} (${one.units})` : one.order)).join(", ");
  return `${units} for ${waiting.length === 1 ? "order" : "orders"} ${told}`;
}

/** A bin of the node by its code, however it was typed. */
export async function binAt(node: string, code: string): Promise<string | undefined> {
  const { data } = await answer(api.GET("/api/v1/nodes/{node}/bins", {
    params: { path: { node }, query: { code_in: [...new Set([code, code.toUpperCase()])], limit: 1 } },
  }));
  return data[0]?.code;
}

/** What whoever unloads has to know of orders that wait for what just came: for whom it is, and where to bring it. */
export function straightOn(title: string, putaways: unknown): [text: string, detail: string] | null {
  const task = (putaways as (Pick<ShelfTask, "bin" | "suggestions"> & { waiting: Waiting[] })[]).find((one) => one.waiting.length > 0);
  if (!task) return null;
  const bins = task.suggestions.filter((one) => one.purpose === "cross_dock").map((one) => one.bin);
  return [
    `${title}: ${forOrders(task.waiting)}`,
    bins.length > 0 ? `Bring them to ${bins.join(" and ")}, next to packing.` : `They are picked from ${task.bin}: leave them there.`,
  ];
}
