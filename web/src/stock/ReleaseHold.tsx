import Button from "@mui/material/Button";
import { useNotify } from "ra-core";
import { answer, api } from "@/api/client";
import { useWrite } from "@/api/write";
import { useCan } from "@/parts/scopes";
import { TOUCHES } from "./stock";

export function ReleaseHoldButton({ reference }: { reference: string }) {
  const can = useCan();
  const notify = useNotify();
  const release = useWrite(
    (_: string, once) => answer(api.DELETE("/api/v1/stock/holds/{reference}", { params: { path: { reference } }, ...once })),
    { touches: ["stock-holds", ...TOUCHES], done: () => notify(`The units of ${reference} are free again.`) },
  );
  if (!can("write_stock")) return null;
  return (
    <Button variant="text" loading={release.isPending} onClick={() => release.mutate(reference, { onError: (e) => notify(e.message, { type: "error" }) })}>
      Release
    </Button>
  );
}
