import {
  BadgeAlert, CircleDollarSign, CircleHelp, Clock, CreditCard, FileWarning, Hand, MailX, MapPin, PackageX, ScanLine, Workflow,
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
  stock_out: { title: "Sold out with orders waiting", what: "Units are promised beyond stock", tone: "bad", icon: PackageX },
  short_pick: { title: "Short picks", what: "Bins that held less than the books said, in the last 24 hours", tone: "warn", icon: ScanLine },
  dead_letter: { title: "Messages given up", what: "Retry or discard them", tone: "bad", icon: MailX },
  flow_stuck: { title: "Flows stuck", what: "They can neither go on nor back by themselves", tone: "bad", icon: Workflow },
  import_failed: { title: "Imports with rows left out", what: "Ended this week: mend the rows and take them in", tone: "warn", icon: FileWarning },
  to_pick: { title: "To pick" },
  being_picked: { title: "Being picked" },
  to_pack: { title: "To pack" },
  to_send: { title: "To send" },
};
