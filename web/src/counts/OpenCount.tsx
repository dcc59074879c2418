import Button from "@mui/material/Button";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { TextIn } from "@/parts/fields";
import { NodeIn } from "@/parts/NodeIn";
import { useCan } from "@/parts/scopes";

type Body = Shape<"NewCount">;

export function OpenButton() {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_stock")) return null;
  return (
    <>
      <Button variant="contained" color="primary" startIcon={<Plus size={14} />} onClick={() => setOpen(true)}>
        Count a bin
      </Button>
      {isOpen && <OpenCount close={() => setOpen(false)} />}
    </>
  );
}

function OpenCount({ close }: { close: () => void }) {
  const navigate = useNavigate();
  const open = useWrite((body: Body, once) => answer(api.POST("/api/v1/counts", { body, ...once })), {
    touches: ["counts"],
    done: ({ id }) => void navigate(`/counts/${id}`),
  });
  return (
    <Ask<Body, Body>
      title="Count a bin"
      about="What the books say now is kept as expected, and shown once you have counted."
      verb="Begin"
      values={{ node: "", bin: "" }}
      input={({ node, bin }) => ({ node, bin: bin.trim() })}
      write={open}
      close={close}
    >
      <NodeIn name="node" label="Node" required autoFocus />
      <TextIn name="bin" label="Bin" required mono />
    </Ask>
  );
}
