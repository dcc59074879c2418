import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { useCan } from "@/parts/scopes";

/** `user:ID` → the person's name, as far as the caller may know people. */
export function useNames(): Record<string, string> {
  const can = useCan();
  const asked = useQuery({
    queryKey: ["users", "names"],
    enabled: can("read_people"),
    staleTime: 300_000,
    queryFn: async () => {
      const [users, keys] = await Promise.all([
        answer(api.GET("/api/v1/users", { params: { query: { limit: 200 } } })),
        answer(api.GET("/api/v1/keys", { params: { query: { limit: 200 } } })),
      ]);
      return Object.fromEntries([
        ...users.data.map((user) => [`user:${user.id}`, user.name] as const),
        ...keys.data.map((key) => [`key:${key.id}`, `${key.name} (key)`] as const),
      ]);
    },
  });
  return asked.data ?? {};
}
