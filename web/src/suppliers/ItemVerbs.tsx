import { ArrowUpToLine, Pencil, Trash2 } from "lucide-react";
import { useNotify } from "ra-core";
import { answer, api } from "@/api/client";
import { useWrite } from "@/api/write";
import { Actions, type Verb, type VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { PutItem } from "./PutItem";
import { TOUCHES, type Item } from "./supplier";

const pathOf = (item: Item) => ({ path: { supplier: item.supplier, sku: item.sku } });

function Edit({ record: item, close }: VerbProps<Item>) {
  return <PutItem supplier={item.supplier} currency={item.currency} item={item} close={close} />;
}

function Prefer({ record: item, close }: VerbProps<Item>) {
  const notify = useNotify();
  const prefer = useWrite(
    (_: object, once) => answer(api.POST("/api/v1/suppliers/{supplier}/items/{sku}/prefer", { params: pathOf(item), ...once })),
    { touches: TOUCHES, done: () => notify(`${item.supplier} is asked first for ${item.sku}.`) },
  );
  return (
    <Ask<object, object>
      title={`Ask ${item.supplier} first`}
      about={`From the next plan on ${item.sku} is bought here. The ${item.sellers - 1 === 1 ? "other seller is" : "others are"} asked afterwards, in the order in which they are now. Orders that are there stay.`}
      verb="Ask it first"
      values={{}}
      input={() => ({})}
      write={prefer}
      close={close}
    />
  );
}

function Remove({ record: item, close }: VerbProps<Item>) {
  const notify = useNotify();
  const remove = useWrite(
    ({ version }: { version: number }, once) =>
      answer(
        api.DELETE("/api/v1/suppliers/{supplier}/items/{sku}", {
          params: pathOf(item),
          headers: { ...once.headers, "If-Match": `"${version}"` },
        }),
      ),
    { touches: TOUCHES, done: () => notify(`${item.supplier} does not sell ${item.sku} any more.`) },
  );
  return (
    <Ask<object, { version: number }>
      title={`Take ${item.sku} away from ${item.supplier}`}
      about="Its costs, packs and price breaks are forgotten; orders that are there stay. To stop buying it for a while, edit it and block it instead."
      verb="Take it away"
      tone="error"
      values={{}}
      input={() => ({ version: item.version })}
      write={remove}
      close={close}
    />
  );
}

const VERBS: Record<string, Verb<Item>> = {
  edit: { label: "Edit", icon: Pencil, scope: "write_purchasing", dialog: Edit },
  prefer: { label: "Ask first", icon: ArrowUpToLine, scope: "write_purchasing", dialog: Prefer },
  remove: { label: "Take away", icon: Trash2, scope: "write_purchasing", dialog: Remove },
};

export function ItemVerbs({ item }: { item: Item }) {
  const next = item.place !== null && item.place > 1 ? ["edit", "prefer", "remove"] : ["edit", "remove"];
  return <Actions record={item} next={next} verbs={VERBS} shown={0} />;
}
