import { useQuery } from "@tanstack/react-query";
import { Clock, Factory, FileSearch, type LucideIcon, Package, PackageSearch, ShoppingBag, Truck, User, Warehouse } from "lucide-react";
import { useEffect, useState } from "react";
import { answer, api } from "@/api/client";
import { useCan } from "@/parts/scopes";
import { screens } from "@/screens";
import { KIND_NAMES, placeOf } from "./places";
import { recentItems } from "./recent";

/** A line of the palette. `run` does something; `path` goes somewhere. */
export type Entry = {
  key: string;
  group: "Here" | "Found" | "Go to" | "Recent";
  label: string;
  about?: string;
  hint?: string;
  icon: LucideIcon;
  path?: string;
  run?: () => void;
};

const ICONS: Record<string, LucideIcon> = {
  order: ShoppingBag, sku: Package, product: PackageSearch, customer: User, supplier: Factory, tracking: Truck, fulfilment: Truck, bin: Warehouse,
};
const SETTLED_MS = 120;

function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

/** What the server finds for a text; asked when typing rests. */
export function useSearch(text: string) {
  const asked = useSettled(text.trim());
  const query = useQuery({
    queryKey: ["search", asked],
    enabled: asked.length > 0,
    staleTime: 10_000,
    placeholderData: (before: Awaited<ReturnType<typeof ask>> | undefined) => (text.trim() ? before : undefined),
    queryFn: () => ask(asked),
  });
  return { ...query, isCurrent: query.data?.query === text.trim() };
}

/** At once, for Enter right after a scan. */
export const ask = (q: string) => answer(api.GET("/api/v1/search", { params: { query: { q, limit: 12 } } }));

export function foundEntry(hit: Awaited<ReturnType<typeof ask>>["hits"][number]): Entry {
  return {
    key: `${hit.kind}:${hit.id}:${hit.title}`,
    group: "Found",
    label: hit.title,
    about: [KIND_NAMES[hit.kind] ?? hit.kind, hit.about].filter(Boolean).join(" · "),
    hint: hit.how === "similar" ? "similar" : hit.field === "number" || hit.value === hit.title ? undefined : hit.field.replaceAll("_", " "),
    icon: ICONS[hit.kind] ?? FileSearch,
    path: placeOf(hit),
  };
}

/** Screens that fit the text, or all of them. */
export function useScreenEntries(text: string): Entry[] {
  const can = useCan();
  const said = text.trim().toLowerCase();
  return screens
    .filter((screen) => can(screen.scope) && screen.label.toLowerCase().includes(said))
    .map(({ path, label, icon, key }) => ({ key: `go:${path}`, group: "Go to", label, icon, path, hint: key && `g ${key}` }));
}

export function recentEntries(): Entry[] {
  return recentItems().map((item) => ({ key: `recent:${item.path}`, group: "Recent", label: item.label, about: item.about, icon: Clock, path: item.path }));
}
