import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { answer, api } from "@/api/client";
import { useEvents } from "@/api/live";
import type { LiveEvent } from "@/api/stream";

/** How many notices are unread; live. */
export function useUnread(): number {
  const queries = useQueryClient();
  useEvents(
    useCallback(
      (event: LiveEvent) => {
        if (event.kind !== "NoticeGiven" && event.kind !== "NoticesRead") return;
        void queries.invalidateQueries({ queryKey: ["inbox"] });
      },
      [queries],
    ),
  );
  const asked = useQuery({
    queryKey: ["inbox", "unread"],
    queryFn: () => answer(api.GET("/api/v1/inbox/unread")),
    refetchInterval: 120_000,
  });
  return asked.data?.unread ?? 0;
}
