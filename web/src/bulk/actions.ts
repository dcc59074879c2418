import type { Shape } from "@/api/client";

/** What can be done to many orders or products at once, and what each asks for. */
export type Do = Shape<"OrdersBulk">["do"] | Shape<"ProductsBulk">["do"];
export type Noun = "orders" | "products";
export type Values = { reason: string; note: string; add: string; remove: string; body: string; to: string };

type Action = {
  id: string;
  label: string;
  verb: string;
  tone?: "error";
  fields: (keyof Values)[];
  make: (values: Values) => Do | null;
};

const tags = (text: string) => [...new Set(text.split(",").map((tag) => tag.trim()).filter(Boolean))];

export const ACTIONS: Record<Noun, Action[]> = {
  orders: [
    {
      id: "hold", label: "Hold", verb: "Hold", fields: ["reason", "note"],
      make: ({ reason, note }) => ({ action: "hold", reason: reason as "manual", note: note || null }),
    },
    {
      id: "release", label: "Release", verb: "Release", fields: ["note"],
      make: ({ note }) => ({ action: "release", reason: null, note: note || null }),
    },
    {
      id: "tag", label: "Tags", verb: "Change tags", fields: ["add", "remove"],
      make: ({ add, remove }) => (tags(add).length + tags(remove).length ? { action: "tag", add: tags(add), remove: tags(remove) } : null),
    },
    {
      id: "note", label: "Add note", verb: "Add note", fields: ["body"],
      make: ({ body }) => (body.trim() ? { action: "note", body: body.trim() } : null),
    },
    {
      id: "cancel", label: "Cancel", verb: "Cancel orders", tone: "error", fields: ["note"],
      make: ({ note }) => (note.trim() ? { action: "cancel", reason: note.trim() } : null),
    },
  ],
  products: [
    { id: "activate", label: "Activate", verb: "Activate", fields: [], make: () => ({ action: "move", to: "active" }) },
    { id: "discontinue", label: "Discontinue", verb: "Discontinue", fields: [], make: () => ({ action: "move", to: "discontinued" }) },
  ],
};

export const NO_VALUES: Values = { reason: "manual", note: "", add: "", remove: "", body: "", to: "" };
