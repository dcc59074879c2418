import Button from "@mui/material/Button";
import TextField from "@mui/material/TextField";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { words } from "@/parts/Chip";
import { History, type Happened } from "@/parts/History";
import { Card } from "@/parts/Page";
import { useCan } from "@/parts/scopes";
import { Loaded, ProblemNote } from "@/parts/states";
import { at, useTimeline, type Order } from "./order";

type Happening = Shape<"Happening">;

/** `placed → held` as people say it. The audit's rows come last and quietly. */
function told(happening: Happening): Happened {
  const { kind, title, actor, why, at: when } = happening;
  if (kind === "note") return { at: when, actor, title, tone: "note" };
  if (kind === "audit") return { at: when, actor, title: title.replaceAll("_", " "), why, tone: "audit" };
  const [from, to] = title.split(" → ");
  return { at: when, actor, why, title: to ? `${words(from ?? "")} → ${words(to).toLowerCase()}` : words(title) };
}

export function Timeline({ order }: { order: Order }) {
  const asked = useTimeline(order.id);
  const may = useCan()("write_orders");
  const [withAudit, setAudit] = useState(false);
  return (
    <Card
      title="Timeline"
      action={
        !asked.data?.hidden.includes("audit") && (
          <Button variant="text" aria-pressed={withAudit} onClick={() => setAudit(!withAudit)}>
            {withAudit ? "Without the audit log" : "With the audit log"}
          </Button>
        )
      }
    >
      <div className="stack">
        {may && <NoteForm order={order} />}
        <Loaded query={asked} lines={5}>
          {({ data }) => (
            <History entries={data.filter((h) => withAudit || h.kind !== "audit").reverse().map(told)} />
          )}
        </Loaded>
      </div>
    </Card>
  );
}

function NoteForm({ order }: { order: Order }) {
  const [text, setText] = useState("");
  const note = useWrite(
    (body: Shape<"NoteBody">, once) => answer(api.POST("/api/v1/orders/{order}/notes", { ...at(order.id), body, ...once })),
    { touches: ["orders"], done: () => setText("") },
  );
  const save = () => text.trim() && note.mutate({ body: text.trim() });
  return (
    <form
      className="note-form"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <TextField
        multiline
        minRows={1}
        maxRows={8}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save();
        }}
        placeholder="A note for colleagues; customers never see it"
        slotProps={{ htmlInput: { "aria-label": "Note" } }}
      />
      <Button type="submit" disabled={!text.trim()} loading={note.isPending} title="Ctrl+Enter">
        Add note
      </Button>
      <ProblemNote problem={note.error} />
    </form>
  );
}
