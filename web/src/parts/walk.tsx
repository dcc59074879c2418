import IconButton from "@mui/material/IconButton";
import Tooltip from "@mui/material/Tooltip";
import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useDataProvider, type RaRecord } from "ra-core";
import { useNavigate } from "react-router";
import type { ResourceName } from "@/api/resources";
import { useKeys } from "./keys";
import type { Listing } from "./listing";

/** The list a record was opened from, so that its neighbours can be found. */
type Walk = { filters: Record<string, string>; sort: string; page: number; perPage: number; total: number; back: string };

const keyOf = (resource: string) => `backoffice-walk-${resource}`;

export function rememberWalk<Row extends RaRecord>(listing: Listing<Row>): void {
  const { filters, fixed, sort, page, perPage, total = 0, resource } = listing;
  const walk: Walk = {
    filters: { ...filters, ...fixed }, sort, page, perPage, total, back: location.pathname + location.search,
  };
  try {
    sessionStorage.setItem(keyOf(resource), JSON.stringify(walk));
  } catch {
    // Storage is full or forbidden: there is no way back then, and nothing worse.
  }
}

function recall(resource: string): Walk | null {
  try {
    return JSON.parse(sessionStorage.getItem(keyOf(resource)) ?? "null") as Walk | null;
  } catch {
    return null;
  }
}

/** Where the list was left: for the crumb above a detail. */
export function backTo(resource: ResourceName, usual: string): string {
  return recall(resource)?.back ?? usual;
}

/** Previous and next inside the filtered list that a record was opened from; also `p` and `n`. */
export function Neighbours({ resource, id, href }: { resource: ResourceName; id: string; href: (id: string) => string }) {
  const walk = recall(resource);
  const data = useDataProvider();
  const navigate = useNavigate();
  const found = useQuery({
    queryKey: [resource, "walk", walk, id],
    enabled: walk !== null,
    staleTime: 30_000,
    queryFn: async () => {
      if (!walk) return null;
      const ids = async (page: number) => {
        if (page < 1) return [];
        const sort = { field: walk.sort.replace(/^-/, ""), order: walk.sort.startsWith("-") ? "DESC" : "ASC" } as const;
        const { data: rows } = await data.getList<RaRecord>(resource, {
          pagination: { page, perPage: walk.perPage }, sort, filter: walk.filters,
        });
        return rows.map((row) => String(row.id));
      };
      for (const page of [walk.page, walk.page + 1, walk.page - 1]) {
        const here = await ids(page);
        const at = here.indexOf(id);
        if (at < 0) continue;
        const before = at > 0 ? here[at - 1] : (await ids(page - 1)).at(-1);
        const after = at < here.length - 1 ? here[at + 1] : here.length === walk.perPage ? (await ids(page + 1))[0] : undefined;
        return { before, after, place: (page - 1) * walk.perPage + at + 1, page };
      }
      return null;
    },
  });
  const go = (to: string | undefined, place: number) => {
    if (!to || !walk) return;
    sessionStorage.setItem(keyOf(resource), JSON.stringify({ ...walk, page: Math.ceil(place / walk.perPage) }));
    void navigate(href(to), { replace: true });
  };
  const { before, after, place = 0 } = found.data ?? {};
  useKeys({ p: () => go(before, place - 1), n: () => go(after, place + 1) });
  if (!walk || !found.data) return null;
  return (
    <div className="neighbours">
      <span className="faint small nowrap">
        {place.toLocaleString("en-GB")} of {walk.total.toLocaleString("en-GB")}
      </span>
      <Tooltip title="Previous in this list (p)">
        <span>
          <IconButton aria-label="Previous" disabled={!before} onClick={() => go(before, place - 1)}>
            <ChevronLeft size={17} />
          </IconButton>
        </span>
      </Tooltip>
      <Tooltip title="Next in this list (n)">
        <span>
          <IconButton aria-label="Next" disabled={!after} onClick={() => go(after, place + 1)}>
            <ChevronRight size={17} />
          </IconButton>
        </span>
      </Tooltip>
    </div>
  );
}
