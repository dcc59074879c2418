import { answer, api, type Shape } from "@/api/client";
import { freshKey, send } from "@/api/send";
import { openOf, type Grade, type WholeReturn } from "@/returns/return";

export type ReturnScan = Shape<"ReturnScan">;
export type CountedGrade = Exclude<Grade, "missing">;

/** A unit that was scanned out of a parcel and is not booked yet. `line` is null where no return names it. */
export type Counted = { line: number | null; sku: string; title: string; grade: CountedGrade; lot: string; note: string | null; photos: Blob[] };

/** What a parcel turned out to be: a return, an order that nobody asked to give back, or nobody knows. */
export type Parcel =
  | { kind: "return"; of: WholeReturn }
  | { kind: "order"; id: string; number: string; scanned: string }
  | { kind: "unknown"; scanned: string | null };

export const readReturnScan = (scan: string) => answer(api.GET("/api/v1/return-scans/{scan}", { params: { path: { scan } } }));

export const readReturn = (id: string) => answer(api.GET("/api/v1/returns/{return_id}", { params: { path: { return_id: id } } }));

/** Units of a line that are neither graded nor counted here. */
export function leftOf(of: WholeReturn, counted: readonly Counted[], line: number): number {
  const row = of.lines.find((l) => l.line_no === line);
  return row ? openOf(row) - counted.filter((one) => one.line === line).length : 0;
}

/** The line that a unit of this SKU belongs to: the first that still waits for one. */
export const lineFor = (of: WholeReturn, counted: readonly Counted[], sku: string) =>
  of.lines.find((l) => l.sku === sku && leftOf(of, counted, l.line_no) > 0);

type Alike = Pick<Counted, "line" | "sku" | "grade" | "lot" | "note"> & { quantity: number };

/** Units that are alike, as one row with their number. */
export function alike(counted: readonly Counted[]): Alike[] {
  const rows = new Map<string, Alike>();
  for (const { line, sku, grade, lot, note } of counted) {
    const key = JSON.stringify([line, sku, grade, lot, note]);
    const row = rows.get(key);
    if (row) row.quantity += 1;
    else rows.set(key, { line, sku, grade, lot, note, quantity: 1 });
  }
  return [...rows.values()];
}

export function arrivalOf(of: WholeReturn, node: string, counted: readonly Counted[], isRestMissing: boolean): Shape<"ReturnArrival"> {
  const came = alike(counted).map(({ line, sku, grade, lot, note, quantity }) => ({ line_no: line ?? 0, quantity, grade, note, lots: lot ? { [sku]: lot } : {} }));
  const missing = of.lines
    .map((l) => ({ line_no: l.line_no, quantity: leftOf(of, counted, l.line_no), grade: "missing" as const, note: null, lots: {} }))
    .filter((one) => isRestMissing && one.quantity > 0);
  return { node, units: [...came, ...missing], version: of.version };
}

/** Books a parcel of a return; its photos follow, and one that fails does not undo what is booked. */
export async function bookReturn(of: WholeReturn, node: string, counted: readonly Counted[], isRestMissing: boolean, key: string): Promise<string | null> {
  await answer(api.POST("/api/v1/returns/{return_id}/receive", {
    params: { path: { return_id: of.id } },
    headers: { "Idempotency-Key": key },
    body: arrivalOf(of, node, counted, isRestMissing),
  }));
  return sendPhotos(counted, (one, photo) => sendPhoto(`returns/${of.id}/lines/${String(one.line)}`, photo));
}

/** Keeps a parcel that no return names, and matches it with its order where that is known. */
export async function keepParcel(parcel: Exclude<Parcel, { kind: "return" }>, node: string, counted: readonly Counted[], note: string | null, key: string) {
  const kept = await answer(api.POST("/api/v1/unknown-parcels", {
    headers: { "Idempotency-Key": key },
    body: { node, scanned: parcel.scanned, note, units: alike(counted).map(({ sku, quantity, grade, lot, note: said }) => ({ sku, quantity, grade, lot, note: said })) },
  }));
  const failed = await sendPhotos(counted, (_, photo) => sendPhoto(`unknown-parcels/${kept.id}`, photo));
  if (parcel.kind === "order")
    await answer(api.POST("/api/v1/unknown-parcels/{parcel_id}/match", {
      params: { path: { parcel_id: kept.id } },
      headers: { "Idempotency-Key": `${key}-match` },
      body: { order: parcel.id, reason: "other", version: kept.version },
    }));
  return { number: kept.number, failed };
}

async function sendPhotos(counted: readonly Counted[], send: (one: Counted, photo: Blob) => Promise<void>): Promise<string | null> {
  let failed: string | null = null;
  for (const one of counted)
    for (const photo of one.photos) await send(one, photo).catch((error: Error) => (failed = error.message));
  return failed;
}

async function sendPhoto(path: string, photo: Blob): Promise<void> {
  await send(new Request(`${location.origin}/api/v1/${path}/photos`, { method: "POST", body: photo, headers: { "Idempotency-Key": freshKey() } }));
}
