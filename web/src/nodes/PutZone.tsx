import Button from "@mui/material/Button";
import { useNotify } from "ra-core";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { NumberIn, TextIn } from "@/parts/fields";
import { useCan } from "@/parts/scopes";
import type { Node } from "./NodeList";

type Body = Shape<"ZoneBody">;
type Zone = Node["zones"][number];

export function PutZoneButton({ node, zone }: { node: string; zone?: Zone }) {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_settings")) return null;
  return (
    <>
      <Button variant="text" onClick={() => setOpen(true)}>
        {zone ? "Edit" : "New zone"}
      </Button>
      {isOpen && <PutZone node={node} zone={zone} close={() => setOpen(false)} />}
    </>
  );
}

function PutZone({ node, zone, close }: { node: string; zone?: Zone; close: () => void }) {
  const notify = useNotify();
  const put = useWrite(
    ({ code, body }: { code: string; body: Body }, once) =>
      answer(api.PUT("/api/v1/nodes/{node}/zones/{code}", { params: { path: { node, code } }, body, ...once })),
    { touches: ["nodes"], done: (_, { code }) => notify(`Zone ${code} is saved.`) },
  );
  return (
    <Ask<{ code: string; name: string; sequence: string }, { code: string; body: Body }>
      title={zone ? `Edit zone ${zone.code}` : `New zone at ${node}`}
      verb="Save"
      values={{ code: zone?.code ?? "", name: zone?.name ?? "", sequence: String(zone?.sequence ?? 0) }}
      input={({ code, name, sequence }) => ({ code: code.trim(), body: { name, sequence: Number(sequence) } })}
      write={put}
      close={close}
    >
      {!zone && <TextIn name="code" label="Code" required autoFocus mono />}
      <TextIn name="name" label="Name" required autoFocus={Boolean(zone)} />
      <NumberIn name="sequence" label="Place in the walk" min={0} required />
    </Ask>
  );
}
