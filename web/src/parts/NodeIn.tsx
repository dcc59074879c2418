import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { SelectIn } from "./fields";

export function useNodes() {
  return useQuery({
    queryKey: ["nodes", "all"],
    staleTime: 60_000,
    queryFn: () => answer(api.GET("/api/v1/nodes", { params: { query: { limit: 200 } } })),
  });
}

/** One of the company's nodes. */
export function NodeIn(props: { name: string; label: string; required?: boolean; autoFocus?: boolean }) {
  const nodes = useNodes().data?.data ?? [];
  return <SelectIn {...props} choices={nodes.map((n) => ({ value: n.code, label: `${n.code} · ${n.name}` }))} />;
}
