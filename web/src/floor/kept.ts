import { createStore, del, entries, set, type UseStore } from "idb-keyval";
import { NoAnswer, Problem } from "@/api/problem";

/** One scan at the dock, from the moment it was made until the server has booked it. */
export type Kept = {
  /** Its own id: however often it is sent, it is booked once. */
  scan: string;
  /** The label's own id instead, which another device may scan too. */
  pallet: string | null;
  at: number;
  purchase: string;
  /** The advance notice that it came on. */
  notice: string | null;
  /** As it came from the scanner; null once it is known what it is. */
  code: string | null;
  title: string;
  line_no: number | null;
  sku: string | null;
  quantity: number;
  /** What is in a package, line by line; `quantity` is all of it then. */
  inside?: { line_no: number; quantity: number; lot: string; expires_on: string | null }[];
  condition: "good" | "inspect" | "damaged" | "wrong";
  reason: string | null;
  lot: string;
  expires_on: string | null;
  accept_over: string | null;
  photos: Blob[];
  /** It went to the server once, which may have booked it although its answer was lost. */
  tried?: boolean;
  /** Taken back before anybody knew whether it was booked. */
  undone?: boolean;
  /** It is booked, and photos of it are still to go. */
  receipt?: string;
  /** The server said no, and somebody has to decide. */
  refused?: { code: string; message: string; details: Record<string, unknown> };
};

export type Booking<Booked> = {
  /** What the scan is, when it was kept as it came. Throws Problem or NoAnswer, as the next two do. */
  read: (one: Kept) => Promise<Partial<Kept>>;
  book: (one: Kept) => Promise<Booked & { id: string }>;
  photo: (receipt: string, photo: Blob) => Promise<unknown>;
  back: (receipt: string) => Promise<unknown>;
  booked: (one: Kept, receipt: Booked & { id: string }) => void;
};

export type Standing = { rows: readonly Kept[]; isOnline: boolean };

const isRefusal = (error: unknown): error is Problem =>
  error instanceof Problem && error.status >= 400 && error.status < 500 && ![401, 408, 429].includes(error.status);

/**
 * Scans that the server has not booked yet, kept on the device: they outlive a lost network, a reload and a sign-in.
 * They go one after the other in the order they were made; one that is refused waits for a person and holds up nobody.
 */
export class KeptScans<Booked> {
  #standing: Standing = { rows: [], isOnline: true };
  readonly #store: UseStore;
  readonly #watchers = new Set<() => void>();
  readonly #booking: Booking<Booked>;
  #sending: Promise<void> | null = null;

  constructor(booking: Booking<Booked>, store = createStore("backoffice-receiving", "scans")) {
    this.#booking = booking;
    this.#store = store;
  }

  readonly watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  };

  readonly now = (): Standing => this.#standing;

  /** What an earlier visit has left here. */
  async load(): Promise<void> {
    const known = new Set(this.#standing.rows.map((row) => row.scan));
    const left = (await entries<string, Kept>(this.#store)).map(([, row]) => row).filter((row) => !known.has(row.scan));
    this.#show([...this.#standing.rows, ...left].sort((a, b) => a.at - b.at));
  }

  /** It is on the device when this is over, and on its way. */
  async keep(one: Kept): Promise<void> {
    await set(one.scan, one, this.#store);
    this.#show([...this.#standing.rows, one]);
    void this.send();
  }

  /** Changes one that has not gone; what was refused is tried again. */
  async mend(scan: string, changes: Partial<Kept>): Promise<void> {
    const one = await this.#change(scan, changes);
    if (one && !one.refused) void this.send();
  }

  async drop(scan: string): Promise<void> {
    await del(scan, this.#store);
    this.#show(this.#standing.rows.filter((row) => row.scan !== scan));
  }

  /** Sends what waits until nothing does or nobody answers; only once at a time. */
  send(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
    });
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    for (;;) {
      const next = this.#standing.rows.find((row) => !row.refused);
      if (!next) return;
      try {
        await this.#sendOne(next);
        this.#say(true);
      } catch (error) {
        if (isRefusal(error)) {
          this.#say(true);
          await this.#change(next.scan, { refused: { code: error.code, message: error.message, details: error.details } });
          continue;
        }
        if (error instanceof NoAnswer || error instanceof Problem) return this.#say(false);
        throw error;
      }
    }
  }

  async #sendOne(next: Kept): Promise<void> {
    let one = next;
    if (one.code !== null && !one.receipt) one = (await this.#change(one.scan, { ...(await this.#booking.read(one)), code: null })) ?? one;
    if (!one.receipt) {
      if (this.#row(one.scan)?.undone && !one.tried) return this.drop(one.scan);
      one = (await this.#change(one.scan, { tried: true })) ?? one;
      const receipt = await this.#booking.book(one);
      this.#booking.booked(one, receipt);
      one = (await this.#change(one.scan, { receipt: receipt.id })) ?? one;
    }
    for (;;) {
      // Meanwhile another photo may have been added, or it was taken back.
      const now = this.#row(one.scan);
      if (now?.undone && one.receipt) {
        await this.#booking.back(one.receipt);
        break;
      }
      const [first, ...others] = now?.photos ?? [];
      if (!first || !one.receipt) break;
      await this.#booking.photo(one.receipt, first);
      await this.#change(one.scan, { photos: others });
    }
    await this.drop(one.scan);
  }

  #row(scan: string): Kept | undefined {
    return this.#standing.rows.find((row) => row.scan === scan);
  }

  async #change(scan: string, changes: Partial<Kept>): Promise<Kept | undefined> {
    const before = this.#row(scan);
    if (!before) return undefined;
    const after = { ...before, ...changes };
    await set(scan, after, this.#store);
    this.#show(this.#standing.rows.map((row) => (row.scan === scan ? after : row)));
    return after;
  }

  #show(rows: Kept[]): void {
    this.#standing = { ...this.#standing, rows };
    this.#watchers.forEach((watcher) => watcher());
  }

  #say(isOnline: boolean): void {
    if (this.#standing.isOnline === isOnline) return;
    this.#standing = { ...this.#standing, isOnline };
    this.#watchers.forEach((watcher) => watcher());
  }
}
