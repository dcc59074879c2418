import type { Shape } from "@/api/client";

/** One bin to take units from; the API leaves the shape of a task open. */
export type Task = {
  id: string;
  sequence: number;
  bin: string;
  sku: string;
  title: string;
  barcode: string | null;
  lot: string;
  quantity: number;
  picked: number;
  short: number;
  done: boolean;
  fulfilment: string;
};

export type Walk = Omit<Shape<"PickListState">, "tasks"> & { tasks: Task[] };

export const openUnits = (task: Task): number => task.quantity - task.picked - task.short;

/** Where to go now: the first bin of the walk that is not done. */
export const nextTask = (walk: Walk): Task | undefined => walk.tasks.find((task) => !task.done && openUnits(task) > 0);

export const isSame = (scanned: string, expected: string | null): boolean =>
  expected !== null && scanned.trim().toUpperCase() === expected.toUpperCase();

/** Whether a code is the thing: its SKU or its barcode. */
export const isItem = (code: string, item: { sku: string; barcode: string | null }): boolean =>
  isSame(code, item.sku) || isSame(code, item.barcode);

/** A quantity that was typed instead of scanning each unit: at most four digits, so never a barcode. */
export const typedQuantity = (code: string): number | null => (/^\d{1,4}$/.test(code) ? Number(code) : null);

/** The units of a walk that are done with, and all of them. */
export function progress(walk: Walk): { done: number; all: number } {
  let done = 0;
  let all = 0;
  for (const task of walk.tasks) {
    all += task.quantity;
    done += task.done ? task.quantity : task.picked + task.short;
  }
  return { done, all };
}
