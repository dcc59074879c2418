import { answer, api, type Shape } from "@/api/client";
import type { Once } from "@/api/write";

/** Where the papers of a parcel are; none of them has prices on it. */
export const papersOf = ({ id }: Pick<Shape<"BenchParcel">, "id">) => ({
  slip: `/api/v1/parcels/${id}/slip.pdf`,
  customs: `/api/v1/parcels/${id}/customs.pdf`,
});

/** Count a print of a label; the answer says where it is. */
export const printed = (label_id: string, format: string, once: Once) =>
  answer(api.POST("/api/v1/labels/{label_id}/prints", { params: { path: { label_id } }, body: { format }, ...once }));

/** A tab for a paper whose address is not known yet. */
export function paperIn() {
  const tab = window.open("", "_blank");
  return {
    show: (path: string) => (tab ? tab.location.replace(path) : window.location.assign(path)),
    close: () => tab?.close(),
  };
}
