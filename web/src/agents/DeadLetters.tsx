import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import { useNotify } from "ra-core";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { Filter } from "@/parts/filters";
import { ListPage } from "@/parts/ListPage";
import { useListing, useListingContext } from "@/parts/listing";
import { Facts } from "@/parts/Page";
import { useCan } from "@/parts/scopes";
import { Empty, ProblemNote } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { SIBLINGS } from "./siblings";

type Letter = Shape<"DeadLetter">;

const FILTERS: Filter[] = [
  { field: "agent", label: "Agent", kind: "text", operator: "eq" },
  { field: "kind", label: "Message", kind: "text", operator: "eq" },
  { field: "subject", label: "Subject", kind: "text", operator: "eq" },
  { field: "error", label: "Error", kind: "text" },
  { field: "created_at", label: "Written", kind: "date" },
];

/** Messages that were given up: read, retried, thrown away. */
export function DeadLetters() {
  const listing = useListing<Letter>("dead-letters", { sort: "-id" });
  const [open, setOpen] = useState<Letter | null>(null);
  const columns: Column<Letter>[] = [
    { id: "kind", label: "Message", render: (d) => <button type="button" className="plain-link" onClick={() => setOpen(d)}><span className="strong">{d.kind}</span></button> },
    { id: "agent", label: "To", sort: "agent", render: (d) => d.agent },
    { id: "subject", label: "Subject", wide: true, render: (d) => <code>{d.subject}</code> },
    { id: "error", label: "Why", grow: true, render: (d) => <span title={d.error ?? undefined}>{d.error}</span> },
    { id: "attempts", label: "Tries", align: "right", render: (d) => d.attempts },
    { id: "created_at", label: "Written", sort: "created_at", render: (d) => <When at={d.created_at} /> },
  ];
  return (
    <ListPage
      title="Dead letters"
      about="Messages that an agent refused or could not handle after eight tries. Retry them when the cause is gone."
      siblings={SIBLINGS}
      listing={listing}
      columns={columns}
      filters={FILTERS}
      bulk={<Chosen />}
      empty={<Empty title="No dead letters">Every message reached its agent.</Empty>}
    >
      {open && <LetterDialog letter={open} close={() => setOpen(null)} />}
    </ListPage>
  );
}

function useLetterVerbs() {
  const notify = useNotify();
  const touches = { touches: ["dead-letters" as const] };
  const ids = (letters: number[], verb: "retry" | "discard", once: { headers: { "Idempotency-Key": string } }) =>
    Promise.all(
      letters.map((letter_id) => {
        const said = { params: { path: { letter_id } }, headers: { "Idempotency-Key": `${once.headers["Idempotency-Key"]}-${letter_id}` } };
        return verb === "retry"
          ? answer(api.POST("/api/v1/runtime/dead-letters/{letter_id}/retry", said))
          : answer(api.POST("/api/v1/runtime/dead-letters/{letter_id}/discard", said));
      }),
    );
  const count = (n: number) => (n === 1 ? "The message" : `${n} messages`);
  const retry = useWrite((letters: number[], once) => ids(letters, "retry", once), {
    ...touches,
    done: (_, letters) => notify(`${count(letters.length)} will be tried again`, { type: "success" }),
  });
  const discard = useWrite((letters: number[], once) => ids(letters, "discard", once), {
    ...touches,
    done: (_, letters) => notify(`${count(letters.length)} thrown away; the audit log keeps what was said`, { type: "success" }),
  });
  return { retry, discard };
}

function Chosen() {
  const { selected, select } = useListingContext();
  const { retry, discard } = useLetterVerbs();
  const can = useCan();
  const letters = [...selected].map(Number);
  const clear = { onSuccess: () => select([]) };
  return (
    <>
      <span className="strong">{selected.size} selected</span>
      {can("write_runtime") && (
        <span className="bulk-actions">
          <Button loading={retry.isPending} onClick={() => retry.mutate(letters, clear)}>Retry</Button>
          <Button color="error" loading={discard.isPending} onClick={() => discard.mutate(letters, clear)}>Discard</Button>
        </span>
      )}
      <ProblemNote problem={retry.error ?? discard.error} />
    </>
  );
}

function LetterDialog({ letter, close }: { letter: Letter; close: () => void }) {
  const { retry, discard } = useLetterVerbs();
  const can = useCan();
  const end = { onSuccess: close };
  return (
    <Dialog open onClose={close} fullWidth maxWidth="md">
      <DialogTitle>{letter.kind}</DialogTitle>
      <DialogContent>
        <div className="stack">
          <Facts
            facts={[
              ["To", letter.agent],
              ["From", letter.sender],
              ["Subject", <code key="subject">{letter.subject}</code>],
              ["Tries", letter.attempts],
              ["Written", <When key="at" at={letter.created_at} />],
              ["Request", letter.request_id && <code key="request">{letter.request_id}</code>],
            ]}
          />
          <div className="note" data-tone="warn">{letter.error ?? "No reason was kept."}</div>
          <pre className="code" tabIndex={0} aria-label="What the message says">{JSON.stringify(letter.payload, null, 2)}</pre>
          <ProblemNote problem={retry.error ?? discard.error} />
        </div>
      </DialogContent>
      <DialogActions>
        <Button onClick={close}>Close</Button>
        {can("write_runtime") && (
          <>
            <Button color="error" loading={discard.isPending} onClick={() => discard.mutate([letter.id], end)}>Discard</Button>
            <Button variant="contained" color="primary" loading={retry.isPending} onClick={() => retry.mutate([letter.id], end)}>Retry</Button>
          </>
        )}
      </DialogActions>
    </Dialog>
  );
}
