import { answer, api } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { TextIn, YesNo } from "@/parts/fields";
import type { Listing } from "@/parts/listing";
import { useCan } from "@/parts/scopes";
import type { View } from "./ViewTabs";

type Values = { name: string; shared: boolean };

/** Keeps what one looks at under a name, or gives a kept view another name. */
export function SaveView({ listing, view, close }: { listing?: Listing; view?: View; close: () => void }) {
  const can = useCan();
  const write = useWrite(
    ({ name, shared }: Values, once) =>
      view
        ? answer(api.PATCH("/api/v1/views/{view_id}", { params: { path: { view_id: view.id } }, body: { name, shared }, ...once }))
        : answer(
            api.POST("/api/v1/views", {
              body: { list: listing?.resource ?? "", name, shared, filters: listing?.filters ?? {}, columns: listing?.columns ?? [], sort: listing?.sort, position: 1000 },
              ...once,
            }),
          ),
    { touches: ["views"] },
  );
  return (
    <Ask<Values, Values>
      title={view ? "Rename the view" : "Save this view"}
      about={view ? undefined : "Its filters, sort and columns, as a tab above the list. Dates such as “last 7 days” move along."}
      verb={view ? "Rename" : "Save"}
      values={{ name: view?.name ?? "", shared: view?.shared ?? false }}
      input={(values) => values}
      write={write}
      close={close}
    >
      <TextIn name="name" label="Name" required autoFocus />
      {can("share_views") && <YesNo name="shared" label="Everybody sees it" />}
    </Ask>
  );
}
