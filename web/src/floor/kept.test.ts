import "fake-indexeddb/auto";
import { createStore } from "idb-keyval";
import { beforeEach, expect, it } from "vitest";
import { NoAnswer, Problem } from "@/api/problem";
import { KeptScans, type Kept } from "./kept";

const kept = (scan: string, more: Partial<Kept> = {}): Kept => ({
  scan, pallet: null, at: Number(scan.slice(1)), purchase: "p", notice: null, code: null, title: "Mug", line_no: 1, sku: null, quantity: 1,
  condition: "good", reason: null, lot: "", expires_on: null, accept_over: null, photos: [], ...more,
});
const no = (code: string) => new Problem(409, { code, message: code, details: {}, fields: [], request_id: "" });

/** A server that books each scan once, and can be away, or lose its answer. */
class Server {
  away = false;
  loses = false;
  refuses: string | null = null;
  readonly booked = new Map<string, Kept>();
  readonly photos: string[] = [];
  readonly back: string[] = [];
  readonly read = () => (this.away ? Promise.reject(new NoAnswer()) : Promise.resolve({ title: "Read", line_no: 7 }));
  readonly book = (one: Kept) => {
    if (this.away) return Promise.reject(new NoAnswer());
    if (this.refuses && !one.accept_over) return Promise.reject(no(this.refuses));
    if (!this.booked.has(one.scan)) this.booked.set(one.scan, one);
    return this.loses ? Promise.reject(new NoAnswer()) : Promise.resolve({ id: `r-${one.scan}` });
  };
  readonly photo = (receipt: string) => (this.away ? Promise.reject(new NoAnswer()) : Promise.resolve(this.photos.push(receipt)));
  readonly takeBack = (receipt: string) => Promise.resolve(this.back.push(receipt));
}

let server: Server;
let stores = 0;
let store: ReturnType<typeof createStore>;
const device = () =>
  new KeptScans({ read: server.read, book: server.book, photo: server.photo, back: server.takeBack, booked: () => undefined }, store);

beforeEach(() => {
  server = new Server();
  stores += 1;
  store = createStore(`test-${stores}`, "scans");
});

it("keeps what is scanned while nobody answers over a reload, and sends it once in its order", async () => {
  const before = device();
  server.away = true;
  await before.keep(kept("s1"));
  await before.keep(kept("s2"));
  await before.send();
  expect(before.now()).toMatchObject({ isOnline: false, rows: [{ scan: "s1" }, { scan: "s2" }] });

  const after = device();
  await after.load();
  server.away = false;
  await Promise.all([after.send(), after.send()]);
  expect([...server.booked.keys()]).toEqual(["s1", "s2"]);
  expect(after.now()).toEqual({ rows: [], isOnline: true });
  const later = device();
  await later.load();
  expect(later.now().rows).toEqual([]);
});

it("asks what a scan is that was kept as it came", async () => {
  const scans = device();
  await scans.keep(kept("s1", { code: "4006381333931", line_no: null }));
  await scans.send();
  expect(server.booked.get("s1")).toMatchObject({ line_no: 7, code: null });
});

it("lets a refused scan wait for a person and holds up no other", async () => {
  const scans = device();
  server.refuses = "more_than_ordered";
  await scans.keep(kept("s1"));
  await scans.keep(kept("s2", { accept_over: "agreed" }));
  await scans.send();
  expect([...server.booked.keys()]).toEqual(["s2"]);
  expect(scans.now().rows).toMatchObject([{ scan: "s1", refused: { code: "more_than_ordered" } }]);
  await scans.mend("s1", { accept_over: "they sell", refused: undefined });
  await scans.send();
  expect([...server.booked.keys()]).toEqual(["s2", "s1"]);
});

it("books once what was booked although the answer was lost", async () => {
  const scans = device();
  server.loses = true;
  await scans.keep(kept("s1"));
  await scans.send();
  expect(scans.now().rows).toHaveLength(1);
  server.loses = false;
  await scans.send();
  expect(server.booked.size).toBe(1);
  expect(scans.now().rows).toEqual([]);
});

it("takes back what may have been booked, and never sends what was not", async () => {
  const scans = device();
  server.loses = true;
  await scans.keep(kept("s1"));
  await scans.send();
  await scans.mend("s1", { undone: true });
  server.loses = false;
  await scans.send();
  expect(server.back).toEqual(["r-s1"]);

  server.away = true;
  await scans.keep(kept("s2"));
  await scans.drop("s2");
  server.away = false;
  await scans.send();
  expect([...server.booked.keys()]).toEqual(["s1"]);
});

it("sends photos after the goods, and again when they did not arrive", async () => {
  const scans = device();
  server.away = true;
  await scans.keep(kept("s1", { photos: [new Blob(["a"])] }));
  await scans.send();
  await scans.mend("s1", { photos: [new Blob(["a"]), new Blob(["b"])] });
  server.away = false;
  await scans.send();
  expect(server.photos).toEqual(["r-s1", "r-s1"]);
  expect(scans.now().rows).toEqual([]);
});
