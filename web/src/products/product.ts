import { useQuery } from "@tanstack/react-query";
import { answer, api, type Shape } from "@/api/client";

export type Product = Shape<"ProductDetail">;
export type Variant = Shape<"Variant">;

export const SIBLINGS = [
  { label: "Products", to: "/products" },
  { label: "SKUs", to: "/products/variants" },
];
export const STATUSES = ["draft", "active", "discontinued"] as const;

export const productHref = (id: string) => `/products/${encodeURIComponent(id)}`;

export function useProduct(product: string) {
  return useQuery({
    queryKey: ["products", "detail", product],
    queryFn: () => answer(api.GET("/api/v1/products/{product}", { params: { path: { product } } })),
  });
}

/** A product's variants with prices and components, which the product itself does not carry. */
export function useVariants(productId: string | undefined) {
  return useQuery({
    queryKey: ["variants", "of", productId],
    enabled: productId !== undefined,
    queryFn: () =>
      answer(
        api.GET("/api/v1/variants", {
          params: { query: { product_id_eq: productId, expand: "prices,components", limit: 200 } },
        }),
      ),
  });
}
