import type { Shape } from "@/api/client";
import type { ResourceName } from "@/api/resources";

export type ReturnRow = Shape<"Return">;
export type WholeReturn = Shape<"ReturnDetail">;
export type ReturnedLine = WholeReturn["lines"][number];
export type Reason = Shape<"WantedBack">["reason"];
export type Grade = Shape<"GradedUnits">["grade"];
export type Choice = Shape<"OtherChoice">["choice"];

/** What a step of a return makes out of date: goods may go on sale again, and money goes back. */
export const TOUCHES: (ResourceName | "home")[] = ["returns", "return-dispositions", "return-signals", "orders", "payments", "stock", "bin-stock", "ledger", "home"];

export const returnHref = (id: string) => `/returns/${id}`;

export const REASONS: Record<Reason, string> = {
  changed_mind: "Changed their mind",
  too_small: "Too small",
  too_large: "Too large",
  not_as_described: "Not as described",
  wrong_item: "Wrong item",
  damaged: "Arrived damaged",
  faulty: "Faulty",
  late: "Came too late",
  other: "Something else",
};

/** How the goods are to come. */
export const WAYS: Record<WholeReturn["way"], string> = {
  own: "By the customer's own means",
  label: "With our label",
  drop_off: "Brought to a counter",
};

export const GRADES: Record<Grade, string> = {
  sellable: "As new",
  damaged: "Damaged",
  not_as_described: "Not as described",
  missing: "Missing",
};

/** What may become of units that came back. */
export const CHOICES: Record<Choice, string> = {
  restock: "Restock",
  refurbish: "Refurbish",
  outlet: "Outlet",
  vendor: "Back to the supplier",
  recycle: "Recycle",
  destroy: "Destroy",
};

export const SIGNALS: Record<string, string> = {
  many_returns: "Many returns",
  wardrobing: "Worn and given back",
  empty_box: "Less in the box",
  serial_mismatch: "Another serial number",
};

export const choiceText = (choice: string) => CHOICES[choice as Choice] ?? choice;
export const gradeText = (grade: string) => GRADES[grade as Grade] ?? grade;
export const signalText = (kind: string) => SIGNALS[kind] ?? kind;
export const reasonText = (reason: string) => REASONS[reason as Reason] ?? reason;

/** What a unit of the line is made of: itself, or the parts of a kit. */
export const partsOf = (l: ReturnedLine) => ((l.components as { sku: string }[] | null) ?? [l]).map(({ sku }) => sku);

/** Units that nobody has graded yet. */
export const openOf = (l: ReturnedLine) => l.quantity - l.sellable - l.damaged - l.not_as_described - l.missing - l.stayed;

/** Units that are here and not paid for. */
export const withheldOf = (l: ReturnedLine) => Math.max(0, l.sellable + l.damaged + l.not_as_described - l.credited);
