import { useQuery } from "@tanstack/react-query";
import { answer, api, type Shape } from "@/api/client";
import type { ResourceName } from "@/api/resources";

export type Webhook = Shape<"Webhook">;
export type Post = Shape<"WebhookPost">;
export type PostDetail = Shape<"PostDetail">;

/** What is read anew after a change. */
export const TOUCHES: ResourceName[] = ["webhooks", "webhook-posts"];

export const webhookHref = (id: string) => `/webhooks/${id}`;
export const postHref = (post: Pick<Post, "id" | "webhook_id">) => `/webhooks/${post.webhook_id}/deliveries/${post.id}`;
export const at = (id: string) => ({ params: { path: { webhook_id: id } } });

const WHILE_WAITING_MS = 2000;

export function useWebhook(id: string) {
  return useQuery({
    queryKey: ["webhooks", "detail", id],
    queryFn: () => answer(api.GET("/api/v1/webhooks/{webhook_id}", at(id))),
  });
}

/** A delivery; looked at again and again while it is on its way. */
export function usePost(id: string) {
  return useQuery({
    queryKey: ["webhook-posts", "detail", id],
    queryFn: () => answer(api.GET("/api/v1/webhook-posts/{post_id}", { params: { path: { post_id: id } } })),
    refetchInterval: (query) => (query.state.data?.state === "waiting" ? WHILE_WAITING_MS : false),
  });
}

export function useCatalogue() {
  return useQuery({
    queryKey: ["webhook-events"],
    queryFn: () => answer(api.GET("/api/v1/webhook-events")),
    staleTime: Infinity,
  });
}
