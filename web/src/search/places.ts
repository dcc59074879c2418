import type { Shape } from "@/api/client";

export type Found = Shape<"Found">;

/** Where the console shows what was found. */
export function placeOf({ kind, id, title }: Pick<Found, "kind" | "id" | "title">): string {
  const one = encodeURIComponent(id);
  switch (kind) {
    case "order":
    case "tracking":
      return `/orders/${one}`;
    case "sku":
      return `/stock?sku_eq=${one}`;
    case "product":
      return `/products/${one}`;
    case "supplier":
      return `/suppliers/${one}`;
    case "customer":
      return `/customers/${one}`;
    case "fulfilment":
      return `/fulfilments?number_eq=${encodeURIComponent(title)}`;
    default: {
      const [node = "", bin = ""] = id.split("/");
      return `/stock/bins?node_eq=${encodeURIComponent(node)}&bin_eq=${encodeURIComponent(bin)}`;
    }
  }
}

export const KIND_NAMES: Record<string, string> = {
  order: "Order", sku: "SKU", product: "Product", customer: "Customer", supplier: "Supplier", tracking: "Parcel", fulfilment: "Fulfilment", bin: "Bin",
};
