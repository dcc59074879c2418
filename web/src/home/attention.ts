import {
  BadgeAlert, CalendarClock, CalendarX, CalendarX2, CircleDollarSign, CircleHelp, Clock, CreditCard, FileWarning, Hand, HandCoins, MailX, MapPin, PackageX, ScanLine, TrendingDown, Workflow,
  type LucideIcon,
} from "lucide-react";

type Words = { title: string; what?: string; tone?: "bad" | "warn" | "info"; icon?: LucideIcon };

/** What the server's codes are called; one that is not here yet is shown under its code. */
export const WORDS: Record<string, Words> = {
  held_payment: { title: "Held for payment", what: "The money is not there yet", tone: "info", icon: CreditCard },
  held_fraud: { title: "Held for fraud", what: "Somebody should look before they go on", tone: "bad", icon: BadgeAlert },
  held_address: { title: "Held for the address", what: "They cannot be sent where they should go", tone: "warn", icon: MapPin },
  held_manual: { title: "Held by hand", what: "A colleague wanted to look", tone: "warn", icon: Hand },
  late_to_ship: { title: "Late to ship", what: "Placed two days ago or longer, and not yet gone", tone: "bad", icon: Clock },
  payment_declined: { title: "Payments declined", what: "In the last 24 hours", tone: "warn", icon: CircleDollarSign },
  payment_unknown: { title: "Payments unknown", what: "The provider has not said whether it happened", tone: "bad", icon: CircleHelp },
  label_unknown: { title: "Labels that may be sold", what: "The carrier has not said; it is looked up until it does", tone: "bad", icon: CircleHelp },
  label_not_sold: { title: "Labels nobody sold", what: "In the last 24 hours; their parcels wait", tone: "warn", icon: PackageX },
  pickup_unknown: { title: "Pickups that may come", what: "The carrier has not said; it is looked up until it does", tone: "bad", icon: CircleHelp },
  pickup_refused: { title: "Pickups refused", what: "In the last 24 hours: nobody fetches the parcels", tone: "bad", icon: CalendarX },
  label_refund_refused: { title: "Refunds of labels refused" },
  late_promise: { title: "Promised days that slipped", what: "Wait, split or cancel", tone: "warn", icon: CalendarClock },
  stock_out: { title: "Sold out with orders waiting", what: "Units are promised beyond stock", tone: "bad", icon: PackageX },
  short_pick: { title: "Short picks", what: "Bins that held less than the books said, in the last 24 hours", tone: "warn", icon: ScanLine },
  nobody_came: { title: "Nobody came to the dock", what: "Their time is over: say that they are here, that they missed it, or move them", tone: "warn", icon: CalendarX },
  lots_expired: { title: "Expired lots in sale", what: "Their units are promised to orders: take them out, or put the date right", tone: "bad", icon: CalendarX2 },
  carrier_drift: { title: "Carriers that drifted", what: "They deliver otherwise than was foreseen", tone: "warn", icon: TrendingDown },
  dead_letter: { title: "Messages given up", what: "Retry or discard them", tone: "bad", icon: MailX },
  flow_stuck: { title: "Flows stuck", what: "They can neither go on nor back by themselves", tone: "bad", icon: Workflow },
  import_failed: { title: "Imports with rows left out", what: "Ended this week: mend the rows and take them in", tone: "warn", icon: FileWarning },
  return_refund_failed: { title: "Refunds of returns to look at", what: "Refused, or more than the payments have left", tone: "bad", icon: HandCoins },
  exchange_stuck: { title: "Exchanges to see to", what: "The new goods could not be held or ordered", tone: "bad", icon: HandCoins },
  exchange_to_decide: { title: "Exchanges to decide" },
  claim_refund_failed: { title: "Refunds of claims to look at", what: "Refused, or more than the payments have left", tone: "bad", icon: HandCoins },
  claim_to_decide: { title: "Claims to decide" },
  parcel_in_trouble: { title: "Parcels in trouble", what: "Overdue: nobody has done anything about them in time", tone: "bad", icon: PackageX },
  claim_to_file: { title: "Claims to file", what: "The carrier takes them for some days only", tone: "warn", icon: FileWarning },
  return_to_decide: { title: "Returns to decide" },
  to_release: { title: "To release to the floor" },
  to_pick: { title: "To pick" },
  being_picked: { title: "Being picked" },
  to_pack: { title: "To pack" },
  to_send: { title: "To send" },
};
