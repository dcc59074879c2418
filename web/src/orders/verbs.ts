import { Ban, CirclePause, CirclePlay, Archive, PackageCheck, SquarePen } from "lucide-react";
import type { Verb } from "@/parts/Actions";
import { CancelOrder } from "./CancelOrder";
import { CloseOrder } from "./CloseOrder";
import { HoldOrder } from "./HoldOrder";
import { orderHref, type Order } from "./order";
import { PlaceDraft } from "./PlaceDraft";
import { ReleaseOrder } from "./ReleaseOrder";

/** The steps of an order's life that a person takes; which of them are possible is the server's word. */
export const VERBS: Record<string, Verb<Order>> = {
  place: { label: "Place order", icon: PackageCheck, tone: "primary", scope: "write_orders", dialog: PlaceDraft },
  release: { label: "Release", icon: CirclePlay, tone: "primary", scope: "write_orders", dialog: ReleaseOrder },
  edit: { icon: SquarePen, scope: "write_orders", to: (order) => `${orderHref(order.id)}/edit` },
  hold: { label: "Hold", icon: CirclePause, scope: "write_orders", dialog: HoldOrder },
  cancel: { label: "Cancel…", icon: Ban, scope: "write_orders", dialog: CancelOrder },
  close: { icon: Archive, scope: "write_orders", dialog: CloseOrder },
};
