import { useQuery } from "@tanstack/react-query";
import { answer, api, type Shape } from "@/api/client";
import type { ResourceName } from "@/api/resources";
import { freshKey, send } from "@/api/send";

export type Run = Shape<"RunDetail">;
export type Source = Shape<"Source">;
export type Mapping = Record<string, Source>;

export const KINDS = [
  { kind: "orders", label: "Orders of the past", scope: "write_orders" },
  { kind: "products", label: "Products", scope: "write_catalog" },
  { kind: "customers", label: "Customers", scope: "write_customers" },
  { kind: "stock", label: "Stock", scope: "write_stock" },
  { kind: "suppliers", label: "Suppliers", scope: "write_purchasing" },
  { kind: "supplier_items", label: "What suppliers sell", scope: "write_purchasing" },
  { kind: "replenishment_rules", label: "Replenishment rules", scope: "write_purchasing" },
] as const;
export type Kind = (typeof KINDS)[number]["kind"];

export const TOUCHES: ResourceName[] = ["imports"];
export const runHref = (id: string) => `/imports/${id}`;
export const at = (id: string) => ({ params: { path: { run_id: id } } });

const LOOK_EVERY_MS = 700;
const PART_BYTES = 1_500_000;

/** An import; looked at again and again while it works. */
export function useRun(id: string) {
  return useQuery({
    queryKey: ["imports", "detail", id],
    queryFn: () => answer(api.GET("/api/v1/import-runs/{run_id}", at(id))),
    refetchInterval: (query) => (["checking", "running"].includes(query.state.data?.status ?? "") ? LOOK_EVERY_MS : false),
  });
}

export function useColumns(kind: string) {
  return useQuery({
    queryKey: ["import-columns", kind],
    queryFn: () => answer(api.GET(`/api/v1/imports/${kind as Kind}/columns`)),
    staleTime: Infinity,
  });
}

/** Brings a file in parts and has it read. `told` hears how much has arrived, from 0 to 1. */
export async function upload(kind: Kind, file: File, told: (part: number) => void): Promise<Run> {
  const once = () => ({ headers: { "Idempotency-Key": freshKey() } });
  const name = file.name.replace(/[/\\\p{Cc}]/gu, "_").slice(-200);
  const run = await answer(api.POST("/api/v1/import-runs", { body: { kind, file_name: name }, ...once() }));
  for (let number = 0, start = 0; start === 0 || start < file.size; number += 1, start += PART_BYTES) {
    const part = file.slice(start, start + PART_BYTES);
    const url = `${location.origin}/api/v1/import-runs/${run.id}/parts/${number}`;
    await send(new Request(url, { method: "PUT", body: part, headers: { "Content-Type": "application/octet-stream" } }));
    told(Math.min(1, (start + PART_BYTES) / Math.max(1, file.size)));
  }
  return answer(api.POST("/api/v1/import-runs/{run_id}/read", { ...at(run.id), body: {}, ...once() }));
}
