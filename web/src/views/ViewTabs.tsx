import Button from "@mui/material/Button";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import { useQuery } from "@tanstack/react-query";
import { ChevronDown, Pin, Share2, TriangleAlert } from "lucide-react";
import { useNotify } from "ra-core";
import { useEffect, useRef, useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { QuickView } from "@/parts/ListPage";
import type { Listing } from "@/parts/listing";
import { SaveView } from "./SaveView";
import { sameView } from "./same";

export type View = Shape<"ViewRow">;

/** The tabs above a list: its usual ones, then the views that people keep; and a way to keep what one looks at. */
export function ViewTabs({ quick, listing }: { quick: QuickView[]; listing: Listing }) {
  const usualSort = listing.usual;
  const views = useViews(listing.resource);
  const saved = views.data ?? [];
  useDefault(listing, saved, views.isSuccess);
  const here = { filters: listing.filters, sort: listing.sort, columns: listing.columns };
  const current = saved.find((view) => sameView({ filters: view.filters as Record<string, string>, sort: view.sort ?? usualSort, columns: view.columns }, here));
  /** The view that was changed since it was opened. */
  const from = current ? undefined : saved.find((view) => view.id === listing.view);
  const isQuick = quick.some((view) => sameView({ filters: view.filters, sort: usualSort, columns: [] }, here));
  const [saving, setSaving] = useState(false);
  const changed = !current && !isQuick && (Object.keys(listing.filters).length > 0 || listing.sort !== usualSort || listing.columns.length > 0);
  if (quick.length === 0 && saved.length === 0 && !changed) return null;
  return (
    <div className="tabs-row">
      <div className="tabs" role="tablist" aria-label="Views">
        {quick.map((view) => (
          <button
            key={view.label}
            type="button"
            role="tab"
            aria-selected={!current && !from && sameView({ filters: view.filters, sort: usualSort, columns: [] }, { ...here, sort: usualSort, columns: [] })}
            onClick={() => listing.show(view.filters, null)}
          >
            {view.label}
          </button>
        ))}
        {saved.map((view) => (
          <button
            key={view.id}
            type="button"
            role="tab"
            aria-selected={view.id === (current ?? from)?.id}
            title={view.broken ?? undefined}
            onClick={() => listing.show(view.filters as Record<string, string>, view.sort, view.columns, view.id)}
          >
            {view.broken && <TriangleAlert size={13} aria-label="Does not fit the list any more" />}
            {view.name}
            {view.id === from?.id && <span className="changed" role="img" aria-label="changed" />}
            {view.shared && <Share2 size={11} aria-label="shared" />}
            {view.is_default && <Pin size={11} aria-label="shown first" />}
          </button>
        ))}
      </div>
      {from?.may_change && <KeepChanges key={from.id} view={from} listing={listing} />}
      {changed && (
        <Button variant="text" onClick={() => setSaving(true)}>
          {from ? "Save as another" : "Save view"}
        </Button>
      )}
      {current && <ViewMenu key={current.id} view={current} all={saved} />}
      {saving && <SaveView listing={listing} close={() => setSaving(false)} />}
    </div>
  );
}

export function useViews(list: string) {
  return useQuery({
    queryKey: ["views", list],
    staleTime: 60_000,
    retry: false,
    queryFn: async () => (await answer(api.GET("/api/v1/views", { params: { query: { list_eq: list, limit: 200 } } }))).data,
  });
}

/** A list that is opened without a word in its address shows the person's first view. */
function useDefault(listing: Listing, views: View[], isKnown: boolean): void {
  const isDone = useRef(false);
  useEffect(() => {
    if (!isKnown || isDone.current) return;
    isDone.current = true;
    const first = views.find((view) => view.is_default && !view.broken);
    if (first && location.search === "") listing.show(first.filters as Record<string, string>, first.sort, first.columns, first.id);
  }, [isKnown, listing, views]);
}

/** The view becomes what one looks at now. */
function KeepChanges({ view, listing }: { view: View; listing: Listing }) {
  const { filters, columns, sort } = listing;
  const keep = useWrite(
    (_: null, once) =>
      answer(api.PATCH("/api/v1/views/{view_id}", {
        params: { path: { view_id: view.id } }, body: { filters, columns, sort, version: view.version }, ...once,
      })),
    { touches: ["views"] },
  );
  const notify = useNotify();
  return (
    <Button variant="text" loading={keep.isPending} onClick={() => keep.mutate(null, { onError: (error) => notify(error.message, { type: "error" }) })}>
      Save changes
    </Button>
  );
}

function ViewMenu({ view, all }: { view: View; all: View[] }) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [renaming, setRenaming] = useState(false);
  const path = { params: { path: { view_id: view.id } } };
  const touches = { touches: ["views" as const] };
  const first = useWrite(
    (put: boolean, once) =>
      put
        ? answer(api.PUT("/api/v1/views/{view_id}/default", { ...path, ...once }))
        : answer(api.DELETE("/api/v1/views/{view_id}/default", { ...path, ...once })),
    touches,
  );
  const change = useWrite(
    (body: { shared?: boolean; position?: number }, once) => answer(api.PATCH("/api/v1/views/{view_id}", { ...path, body, ...once })),
    touches,
  );
  const remove = useWrite((_: null, once) => answer(api.DELETE("/api/v1/views/{view_id}", { ...path, ...once })), touches);
  const at = all.findIndex((other) => other.id === view.id);
  const left = all[at - 1];
  const pick = (act: () => void) => () => {
    setAnchor(null);
    act();
  };
  return (
    <>
      <Button variant="text" aria-haspopup="menu" endIcon={<ChevronDown size={13} />} onClick={(event) => setAnchor(event.currentTarget)}>
        View
      </Button>
      <Menu open={anchor !== null} anchorEl={anchor} onClose={() => setAnchor(null)}>
        <MenuItem onClick={pick(() => first.mutate(!view.is_default))}>
          {view.is_default ? "Do not show first" : "Show first when I open this list"}
        </MenuItem>
        {view.may_change && [
          <MenuItem key="name" onClick={pick(() => setRenaming(true))}>Rename…</MenuItem>,
          <MenuItem key="left" disabled={!left} onClick={pick(() => change.mutate({ position: Math.max(0, (left?.position ?? 1) - 1) }))}>
            Move to the left
          </MenuItem>,
          <MenuItem key="share" onClick={pick(() => change.mutate({ shared: !view.shared }))}>
            {view.shared ? "Stop sharing" : "Share with everybody"}
          </MenuItem>,
          <MenuItem key="remove" onClick={pick(() => remove.mutate(null))}>Remove</MenuItem>,
        ]}
      </Menu>
      {renaming && <SaveView view={view} close={() => setRenaming(false)} />}
    </>
  );
}
