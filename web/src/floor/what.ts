import { answer, api } from "@/api/client";

/** What a code belongs to, in words: said when something else was expected. */
export async function whatIs(code: string): Promise<string> {
  try {
    const { hits } = await answer(api.GET("/api/v1/search", { params: { query: { q: code, limit: 1 } } }));
    const hit = hits[0];
    if (hit?.how !== "exact") return `${code}, which nobody knows here`;
    return hit.kind === "sku" ? `${hit.about.split(" · ")[0]} (${hit.title})` : `${hit.kind} ${hit.title}`;
  } catch {
    return code;
  }
}
