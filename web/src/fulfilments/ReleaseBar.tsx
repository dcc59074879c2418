import Button from "@mui/material/Button";
import { useNotify } from "ra-core";
import { useState } from "react";
import { Link } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { TextIn } from "@/parts/fields";
import { useListingContext } from "@/parts/listing";
import { useCan } from "@/parts/scopes";

type Body = Shape<"ReleaseByHandBody">;

/** What may be done to the fulfilments that are selected: on the floor now, or into a wave. */
export function ReleaseBar() {
  const { selected, select, rows } = useListingContext();
  const [isOpen, setOpen] = useState(false);
  const may = useCan()("write_fulfilment");
  const ids = [...selected];
  const node = rows.find((row) => selected.has(String(row.id)))?.node as string | undefined;
  return (
    <>
      <span className="strong" role="status">{ids.length} selected</span>
      {may && (
        <span className="bulk-actions">
          <Button onClick={() => setOpen(true)}>Release now</Button>
          <Button component={Link} to={`/waves/new?node=${String(node)}&fulfilments=${ids.join(",")}`}>Plan a wave</Button>
        </span>
      )}
      {isOpen && <ReleaseNow ids={ids} close={() => setOpen(false)} done={() => select([])} />}
    </>
  );
}

function ReleaseNow({ ids, close, done }: { ids: string[]; close: () => void; done: () => void }) {
  const notify = useNotify();
  const release = useWrite((body: Body, once) => answer(api.POST("/api/v1/fulfilments/release", { body, ...once })), {
    touches: ["fulfilments", "waves"],
    done: ({ released, already, refused }) => {
      const parts = [`${released.length} on the floor`, already.length && `${already.length} were before`, ...refused.map((r) => r.sentence)];
      notify(parts.filter(Boolean).join(". "), { type: refused.length ? "warning" : "info" });
      done();
    },
  });
  return (
    <Ask<{ reason: string }, Body>
      title={ids.length === 1 ? "Release it now" : `Release ${ids.length} now`}
      about="Whatever wave or cut-off they would wait for. What is in a planned wave leaves it."
      verb="Release now"
      values={{ reason: "" }}
      input={({ reason }) => ({ fulfilments: ids, reason })}
      write={release}
      close={close}
    >
      <TextIn name="reason" label="Why" required autoFocus />
    </Ask>
  );
}
