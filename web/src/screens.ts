import { House, ShoppingBag, type LucideIcon } from "lucide-react";
import type { ComponentType } from "react";

/** The jobs that the navigation is grouped by, in its order. */
export const GROUPS = ["", "Sell", "Stock", "Warehouse", "Money", "Data", "Runtime", "People"] as const;

export type Screen = {
  group: (typeof GROUPS)[number];
  /** Everything below it belongs to the screen, which has its own routes. */
  path: string;
  label: string;
  icon: LucideIcon;
  /** What the caller must hold to see it. */
  scope?: string;
  /** `g` and this letter go there. */
  key?: string;
  load: () => Promise<{ default: ComponentType }>;
};

/** Every screen, one line each; the code of a screen is loaded when it is first opened. */
export const screens: Screen[] = [
  { group: "", path: "/", label: "Home", icon: House, key: "h", load: () => import("./home") },
  { group: "Sell", path: "/orders", label: "Orders", icon: ShoppingBag, scope: "read_orders", key: "o", load: () => import("./orders") },
];
