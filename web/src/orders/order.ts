import { useQuery } from "@tanstack/react-query";
import { answer, api, type Shape } from "@/api/client";
import type { ResourceName } from "@/api/resources";

export type Order = Shape<"OrderDetail">;
export type Line = Order["lines"][number];
export type Payment = Shape<"PaymentList">["data"][number];

/** What a change of an order makes out of date. */
export const TOUCHES: (ResourceName | "home")[] = ["orders", "payments", "fulfilments", "stock", "allocations", "home"];

export const orderHref = (id: string) => `/orders/${id}`;

/** Path parameters of everything about one order. */
export const at = (order: string) => ({ params: { path: { order } } });

export function useOrder(order: string) {
  return useQuery({
    queryKey: ["orders", "detail", order],
    queryFn: () => answer(api.GET("/api/v1/orders/{order}", at(order))),
  });
}

export function useTimeline(order: string) {
  return useQuery({
    queryKey: ["orders", "timeline", order],
    queryFn: () => answer(api.GET("/api/v1/orders/{order}/timeline", at(order))),
  });
}

export function usePayments(order: string, enabled: boolean) {
  return useQuery({
    queryKey: ["payments", "of", order],
    enabled,
    queryFn: () =>
      answer(api.GET("/api/v1/payments", { params: { query: { order_id_eq: order, expand: "entries", sort: "created_at" } } })),
  });
}
