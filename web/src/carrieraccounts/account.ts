import { useQuery } from "@tanstack/react-query";
import { answer, api, type Shape } from "@/api/client";
import type { ResourceName } from "@/api/resources";

export type Account = Shape<"CarrierAccount">;
export type Provider = Shape<"ProviderShape">;

/** What is read anew after a change. */
export const TOUCHES: ResourceName[] = ["carrier-accounts"];

export const accountHref = (code: string) => `/carrier-accounts/of/${code}`;
export const at = (code: string) => ({ params: { path: { code } } });

export function useAccount(code: string) {
  return useQuery({
    queryKey: ["carrier-accounts", "detail", code],
    queryFn: () => answer(api.GET("/api/v1/carrier-accounts/{code}", at(code))),
  });
}

export function useProviders() {
  return useQuery({
    queryKey: ["carrier-providers"],
    queryFn: () => answer(api.GET("/api/v1/carrier-providers")),
    staleTime: Infinity,
  });
}

/** Words with commas between them, as people type lists. */
export const listOf = (text: string) => text.split(",").map((word) => word.trim()).filter(Boolean);
