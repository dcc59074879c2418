import Button from "@mui/material/Button";
import { useNotify } from "ra-core";
import { answer, api } from "@/api/client";
import { useWrite } from "@/api/write";
import { useCan } from "@/parts/scopes";
import { ProblemNote } from "@/parts/states";

type Ready = { id: string; number: string; node: string; status: string };

/** Where an order has several ready fulfilments at one node: makes one of them. */
export function MergeButton({ into, among }: { into: Ready; among: readonly Ready[] }) {
  const notify = useNotify();
  const may = useCan()("write_fulfilment");
  const merge = useWrite(
    (_: object, once) => answer(api.POST("/api/v1/fulfilments/{fulfilment_id}/merge", { params: { path: { fulfilment_id: into.id } }, ...once })),
    { touches: ["fulfilments", "orders", "waves"], done: (made) => notify(`${made.number} leaves as one.`) },
  );
  const ready = among.filter((f) => f.node === into.node && f.status === "ready");
  if (!may || ready.length < 2 || ready[0]?.id !== into.id) return null;
  const others = ready.slice(1).map((f) => f.number).join(", ");
  return (
    <>
      <Button variant="text" loading={merge.isPending} onClick={() => merge.mutate({})}>Take {others} along</Button>
      <ProblemNote problem={merge.error} />
    </>
  );
}
