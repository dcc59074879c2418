import { answer, api, type Shape } from "@/api/client";
import { Problem } from "@/api/problem";
import { freshKey } from "@/api/send";
import { KeptScans, type Kept } from "./kept";
import { isItem } from "./walk";

export type Receiving = Shape<"Receiving">;
export type LiveNotice = Receiving["notices"][number];
export type Scanned = Shape<"ScanAnswer">;
export type Booked = Shape<"ReceiptState">;

export const readScan = (purchase: string, code: string): Promise<Scanned> =>
  answer(api.GET("/api/v1/receiving/scan", { params: { query: { code, purchase_id: purchase } } }));

/** A scan that nothing is known of yet but what came from the scanner. */
export function fresh(purchase: string, code: string | null, notice: string | null): Kept {
  return {
    scan: freshKey(), pallet: null, at: Date.now(), purchase, notice, code, title: code ?? "", line_no: null, sku: null, quantity: 1,
    condition: "good", reason: null, lot: "", expires_on: null, accept_over: null, photos: [],
  };
}

/** What the server says of a scan, to be kept with it: of goods, or of a package with what is in it and its notice. */
export const fromScanned = (scanned: Scanned): Partial<Kept> => ({
  ...(scanned.package && {
    inside: scanned.package.lines.map(({ line_no, quantity, lot, expires_on }) => ({ line_no, quantity, lot, expires_on })),
    notice: scanned.package.notice_id,
  }),
  code: null,
  title: scanned.title,
  line_no: scanned.line_no,
  sku: null,
  quantity: scanned.quantity,
  lot: scanned.lot ?? "",
  expires_on: scanned.lot ? scanned.expires_on : null,
  pallet: scanned.scan,
});

/** What somebody at a package is told beside its units: what of it is of another order, or that it is booked already. */
export function toldOf(found: NonNullable<Scanned["package"]>): string {
  const inside = found.lines.map(({ quantity, title }) => `${quantity} × ${title}`).join(", ");
  const others = found.elsewhere.map(({ units, number }) => `${units} more are of ${number}: open it and scan the package again.`);
  return [`${found.notice}: ${inside}.`, ...others].join(" ");
}

export const needsLot = (scanned: Pick<Scanned, "tracking" | "lot">): boolean => scanned.tracking !== "none" && !scanned.lot;

/** What can be told of a scan while nobody answers: a line by its plain barcode, when no lot has to be known. */
export function known(order: Receiving, code: string): Partial<Kept> | null {
  const line = order.lines.find((one) => isItem(code, one));
  return line?.tracking === "none" ? { code: null, title: line.title, line_no: line.line_no } : null;
}

/** The notice that goods come on: the one that was chosen, be it none; before anybody chose, the only one there is. */
export function noticeOf(offered: readonly LiveNotice[], chosen: LiveNotice | null | undefined): LiveNotice | null {
  if (chosen !== undefined) return chosen;
  return offered.length === 1 ? (offered[0] ?? null) : null;
}

/** What a station starts with: the notice that was asked for, none when it is over, and else nobody has chosen yet. */
export function startsWith(offered: readonly LiveNotice[], asked: string | null): LiveNotice | null | undefined {
  return asked === null ? undefined : (offered.find((one) => one.id === asked) ?? null);
}

/** Tells stations which scans were booked, and with what. */
type Told = (one: Kept, receipt: Booked) => void;
const listeners = new Set<Told>();
export function onBooked(told: Told): () => void {
  listeners.add(told);
  return () => void listeners.delete(told);
}

export const keptScans = new KeptScans<Booked>({
  read: async (one) => {
    const scanned = await readScan(one.purchase, one.code ?? "");
    if (needsLot(scanned))
      throw new Problem(422, {
        code: "lot_needed", message: `${scanned.title} is tracked by ${scanned.tracking}: scan it again and say which.`,
        details: {}, fields: [], request_id: "",
      });
    return fromScanned(scanned);
  },
  book: (one) =>
    answer(api.POST("/api/v1/purchase-orders/{purchase_id}/receive", {
      params: { path: { purchase_id: one.purchase } },
      body: {
        scan: one.pallet ?? one.scan,
        notice_id: one.notice ?? null, // a scan of before stations knew notices has none
        accept_over: one.accept_over,
        lines: (one.inside ?? [one]).map(({ line_no, quantity, lot, expires_on }) => ({
          line_no, quantity, lot, expires_on, sku: one.sku, condition: one.condition, reason: one.reason,
        })),
      },
    })),
  photo: sendPhoto,
  back: (receipt) => takeBack(receipt),
  booked: (one, receipt) => listeners.forEach((told) => told(one, receipt)),
});

export function takeBack(receipt: string, reason = "scanned by mistake"): Promise<unknown> {
  return answer(api.POST("/api/v1/receipts/{receipt_id}/take-back", {
    params: { path: { receipt_id: receipt } }, body: { reason },
  }));
}

/** What goes with goods that were not ordered, as the refusal tells it. */
export function asWrong({ title, sku, lot }: Record<string, unknown>): Partial<Kept> {
  const word = (value: unknown) => (typeof value === "string" ? value : "");
  return { code: null, line_no: null, condition: "wrong", title: word(title), sku: word(sku), lot: word(lot) };
}

/** The first line of a station's receipt is all of it: one scan, one line. */
export function sendPhoto(receipt: string, photo: Blob): Promise<unknown> {
  return answer(api.POST("/api/v1/receipts/{receipt_id}/lines/{line_no}/photos", {
    params: { path: { receipt_id: receipt, line_no: 1 } },
    body: photo as unknown as string,
    bodySerializer: (body: unknown) => body as Blob,
    headers: { "Content-Type": photo.type || "image/jpeg" },
  }));
}
