import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import type { ResourceName } from "./resources";
import { follow, type LiveEvent } from "./stream";

/** What is read anew when something happens to a subject such as `order:ID`. */
const TOUCHED: Record<string, (ResourceName | "home")[]> = {
  order: ["orders", "payments", "fulfilments", "waves", "parcels", "labels", "label-purchases", "customs-declarations", "pick-lists", "allocations", "backorders", "backorder-promises", "fill-decisions", "ledger", "notifications", "tracks", "tracking", "parcel-exceptions", "home"],
  sku: ["stock", "ledger", "bin-stock", "lots", "allocations", "backorders", "fill-decisions", "variants", "products", "home"],
  wave: ["waves", "fulfilments", "pick-lists", "wave-templates", "home"],
  transfer: ["transfers", "stock", "ledger", "home"],
  purchase: ["purchase-orders", "supplier-invoices", "supplier-credits", "supplier-claims", "receipts", "inspections", "suggestions", "replenishment-plans", "suppliers", "deliveries", "supplier-promises", "putaway-tasks", "home"],
  replenishment: ["suggestions", "replenishment-plans", "replenishment-classes"],
  advance_notice: ["advance-notices", "purchase-orders", "appointments"],
  appointment: ["appointments", "advance-notices", "home"],
  putaway: ["putaway-tasks", "putaways", "stock", "bin-stock", "ledger"],
  supplier_invoice: ["supplier-invoices", "supplier-credits", "supplier-claims"],
  supplier_credit: ["supplier-credits", "supplier-claims", "supplier-invoices"],
  routing_plan: ["routing-plans", "routing-plan-moves"],
  inspection: ["inspections", "receipts", "supplier-promises", "dispositions", "supplier-credits", "supplier-claims", "supplier-standings", "stock", "ledger", "bin-stock", "putaway-tasks", "home"],
  unknown_parcel: ["unknown-parcels", "returns", "stock"],
  return: ["returns", "return-lines", "shipped-lines", "return-dispositions", "return-signals", "orders", "payments", "stock", "bin-stock", "ledger", "home"],
  exchange: ["exchanges", "returns", "orders", "payments", "stock", "home"],
  replacement: ["exchanges", "claims", "orders"],
  order_claim: ["claims", "returns", "orders", "payments", "home"],
  stored_value: ["gift-cards", "store-credit"],
  carrier_claim: ["carrier-claims", "parcel-exceptions", "home"],
  carrier_invoice: ["carrier-invoices", "carrier-charges"],
  pickup: ["pickups", "home"],
  manifest: ["manifests"],
  customer: ["customers", "orders"],
  carrier: ["carrier-drifts", "carrier-parcels", "home"],
  product: ["products", "variants"],
  bulk: ["bulk"],
  inbox: ["inbox"],
};
const AT_MOST_EVERY_MS = 400;

let isLive = false;
const watchers = new Set<() => void>();
const listeners = new Set<(event: LiveEvent) => void>();

function tell(on: boolean): void {
  isLive = on;
  watchers.forEach((watcher) => watcher());
}

/** Whether changes arrive by themselves right now. */
export function useIsLive(): boolean {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => isLive,
  );
}

/** Calls `take` with each event while the component is there. Lists and details refresh without it. */
export function useEvents(take: (event: LiveEvent) => void): void {
  useEffect(() => {
    listeners.add(take);
    return () => void listeners.delete(take);
  }, [take]);
}

/** Marks what an event touches as out of date: at once, and then at most every 400 ms while events pour in. */
export function refresher(queries: QueryClient): (event: LiveEvent) => void {
  const waiting = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | null = null;
  const flush = () => {
    timer = waiting.size > 0 ? setTimeout(flush, AT_MOST_EVERY_MS) : null;
    for (const name of waiting) void queries.invalidateQueries({ queryKey: [name] });
    waiting.clear();
  };
  return (event) => {
    for (const name of TOUCHED[event.subject.split(":")[0] ?? ""] ?? []) waiting.add(name);
    timer ??= setTimeout(flush, 0);
  };
}

/**
 * One stream for all tabs of this browser, because each holds one of the six connections that a browser
 * allows a host: the tab with the lock listens and tells the others.
 */
export function useLiveUpdates(): void {
  const queries = useQueryClient();
  useEffect(() => {
    const stop = new AbortController();
    const refresh = refresher(queries);
    const take = (event: LiveEvent) => {
      refresh(event);
      listeners.forEach((listener) => listener(event));
    };
    const others = "BroadcastChannel" in window ? new BroadcastChannel("backoffice-live") : null;
    const share = (event: LiveEvent) => {
      take(event);
      others?.postMessage({ event });
    };
    const say = (on: boolean) => {
      tell(on);
      others?.postMessage({ on });
    };
    if (others) {
      others.onmessage = ({ data }: MessageEvent<{ event?: LiveEvent; on?: boolean; asking?: true }>) => {
        if (data.event) take(data.event);
        else if (data.on !== undefined) tell(data.on);
        else if (data.asking && isLive) others.postMessage({ on: true });
      };
      others.postMessage({ asking: true });
    }
    const listen = () => follow(share, say, stop.signal);
    // Locks need a secure context; without them each tab listens for itself.
    if ("locks" in navigator && others) {
      navigator.locks.request("backoffice-live", { signal: stop.signal }, listen).catch(() => undefined);
    } else {
      void listen();
    }
    return () => {
      stop.abort();
      others?.close();
    };
  }, [queries]);
}
