import {
  ArrowLeftRight, Bot, Box, Boxes, CalendarClock, ChartNoAxesCombined, ClipboardCheck, ClipboardList, Container, CreditCard, Factory, FileCheck, FileSearch, FileUp, Forklift, Gift, Hourglass, House, KeyRound, ListChecks, MessageCircleWarning, PackageCheck, PackageOpen, PackagePlus,
  PackageX, Plane, ReceiptText, Repeat, Route, ScanBarcode, ScrollText, SearchCheck, ShieldCheck, Ship, ShoppingBag, ShoppingCart, Tag, Truck, Undo2, UserCog, UserRoundCheck, Users, Warehouse, Waves, Waypoints, Webhook, type LucideIcon,
} from "lucide-react";
import type { ComponentType } from "react";

/** The jobs that the navigation is grouped by, in its order. */
export const GROUPS = ["", "Sell", "Buy", "Stock", "Warehouse", "Money", "Data", "Runtime", "People"] as const;

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
  { group: "Sell", path: "/returns", label: "Returns", icon: Undo2, scope: "read_orders", load: () => import("./returns") },
  { group: "Sell", path: "/return-insight", label: "Returns insight", icon: ChartNoAxesCombined, scope: "read_orders", load: () => import("./returninsight") },
  { group: "Sell", path: "/exchanges", label: "Exchanges", icon: Repeat, scope: "read_orders", load: () => import("./exchanges") },
  { group: "Sell", path: "/claims", label: "Claims", icon: MessageCircleWarning, scope: "read_orders", load: () => import("./claims") },
  { group: "Sell", path: "/customers", label: "Customers", icon: Users, scope: "read_customers", key: "c", load: () => import("./customers") },
  { group: "Sell", path: "/products", label: "Products", icon: Tag, scope: "read_catalog", key: "p", load: () => import("./products") },
  { group: "Buy", path: "/replenishment", label: "Replenishment", icon: ShoppingCart, scope: "read_purchasing", key: "r", load: () => import("./replenishment") },
  { group: "Buy", path: "/purchases", label: "Purchase orders", icon: ReceiptText, scope: "read_purchasing", load: () => import("./purchases") },
  { group: "Buy", path: "/notices", label: "Ship notices", icon: Container, scope: "read_purchasing", load: () => import("./notices") },
  { group: "Buy", path: "/invoices", label: "Supplier invoices", icon: FileCheck, scope: "read_purchasing", load: () => import("./invoices") },
  { group: "Buy", path: "/suppliers", label: "Suppliers", icon: Factory, scope: "read_purchasing", load: () => import("./suppliers") },
  { group: "Stock", path: "/stock", label: "Stock", icon: Boxes, scope: "read_stock", key: "s", load: () => import("./stock") },
  { group: "Stock", path: "/backorders", label: "Backorders", icon: Hourglass, scope: "read_stock", load: () => import("./backorders") },
  { group: "Stock", path: "/transfers", label: "Transfers", icon: ArrowLeftRight, scope: "read_stock", key: "t", load: () => import("./transfers") },
  { group: "Stock", path: "/counts", label: "Counts", icon: ClipboardCheck, scope: "read_stock", load: () => import("./counts") },
  { group: "Stock", path: "/nodes", label: "Nodes and bins", icon: Warehouse, scope: "read_stock", key: "n", load: () => import("./nodes") },
  { group: "Warehouse", path: "/fulfilments", label: "Fulfilments", icon: PackageOpen, scope: "read_fulfilment", key: "f", load: () => import("./fulfilments") },
  { group: "Warehouse", path: "/waves", label: "Waves", icon: Waves, scope: "read_fulfilment", key: "w", load: () => import("./waves") },
  { group: "Warehouse", path: "/routing", label: "Routing rules", icon: Route, scope: "read_orders", load: () => import("./routing") },
  { group: "Warehouse", path: "/docks", label: "Dock calendar", icon: CalendarClock, scope: "read_purchasing", key: "d", load: () => import("./docks") },
  { group: "Warehouse", path: "/receive", label: "Receive", icon: PackagePlus, scope: "write_stock", load: () => import("./floor/Receive") },
  { group: "Warehouse", path: "/receive-returns", label: "Receive returns", icon: PackageX, scope: "write_stock", load: () => import("./floor/ReceiveReturns") },
  { group: "Warehouse", path: "/put-away", label: "Put away", icon: Forklift, scope: "write_stock", load: () => import("./floor/PutAway") },
  { group: "Warehouse", path: "/putaways", label: "Putaways", icon: Waypoints, scope: "read_stock", load: () => import("./putaways") },
  { group: "Warehouse", path: "/inspections", label: "Inspections", icon: SearchCheck, scope: "read_stock", load: () => import("./inspections") },
  { group: "Warehouse", path: "/pick", label: "Pick", icon: ScanBarcode, scope: "write_fulfilment", load: () => import("./floor/Pick") },
  { group: "Warehouse", path: "/pack", label: "Pack", icon: PackageCheck, scope: "write_fulfilment", load: () => import("./floor/Pack") },
  { group: "Warehouse", path: "/dispatch", label: "Dispatch", icon: Truck, scope: "write_fulfilment", load: () => import("./floor/Dispatch") },
  { group: "Warehouse", path: "/carriers", label: "Carriers", icon: Plane, scope: "read_shipping", load: () => import("./carriers") },
  { group: "Warehouse", path: "/carrier-accounts", label: "Carrier accounts", icon: Ship, scope: "read_shipping", load: () => import("./carrieraccounts") },
  { group: "Warehouse", path: "/gate", label: "Pickups and manifests", icon: ClipboardList, scope: "read_shipping", load: () => import("./gate") },
  { group: "Warehouse", path: "/exceptions", label: "Parcel exceptions", icon: PackageX, scope: "read_shipping", key: "x", load: () => import("./exceptions") },
  { group: "Warehouse", path: "/boxes", label: "Boxes", icon: Box, scope: "read_fulfilment", load: () => import("./boxes") },
  { group: "Money", path: "/payments", label: "Payments", icon: CreditCard, scope: "read_payments", load: () => import("./payments") },
  { group: "Money", path: "/gift-cards", label: "Gift cards", icon: Gift, scope: "read_payments", load: () => import("./credit") },
  { group: "Money", path: "/carrier-invoices", label: "Carrier invoices", icon: FileSearch, scope: "read_shipping", load: () => import("./carrierbills") },
  { group: "Data", path: "/imports", label: "Imports", icon: FileUp, key: "i", load: () => import("./imports") },
  { group: "Data", path: "/webhooks", label: "Webhooks", icon: Webhook, scope: "read_webhooks", load: () => import("./webhooks") },
  { group: "Runtime", path: "/agents", label: "Agents", icon: Bot, scope: "read_runtime", key: "a", load: () => import("./agents") },
  { group: "Runtime", path: "/actions", label: "Bulk actions", icon: ListChecks, key: "b", load: () => import("./bulk") },
  { group: "People", path: "/users", label: "Users", icon: UserRoundCheck, scope: "read_people", key: "u", load: () => import("./people/Users") },
  { group: "People", path: "/roles", label: "Roles", icon: ShieldCheck, scope: "read_people", load: () => import("./people/Roles") },
  { group: "People", path: "/keys", label: "API keys", icon: KeyRound, scope: "read_people", load: () => import("./people/Keys") },
  { group: "People", path: "/audit", label: "Audit log", icon: ScrollText, scope: "read_audit", key: "l", load: () => import("./audit") },
  { group: "People", path: "/account", label: "Your account", icon: UserCog, load: () => import("./account") },
];
