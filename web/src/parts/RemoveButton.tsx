import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import { useState, type ReactNode } from "react";
import type { ResourceName } from "@/api/resources";
import { useWrite, type Once } from "@/api/write";
import { ProblemNote } from "./states";

type Props<Output> = {
  /** What is removed, as the button is called for those who do not see its row. */
  name: string;
  title: string;
  /** What happens then. */
  about: ReactNode;
  write: (input: object, once: Once) => Promise<Output>;
  touches: ResourceName[];
};

/** Removes a row of a list, once somebody has said yes. */
export function RemoveButton<Output>({ name, title, about, write, touches }: Props<Output>) {
  const [isOpen, setOpen] = useState(false);
  const remove = useWrite(write, { touches, done: () => setOpen(false) });
  return (
    <>
      <Button variant="text" color="error" aria-label={name} onClick={() => setOpen(true)}>Remove</Button>
      {isOpen && (
        <Dialog open onClose={remove.isPending ? undefined : () => setOpen(false)} fullWidth maxWidth="xs">
          <DialogTitle>{title}</DialogTitle>
          <DialogContent>
            <div className="stack">
              <div className="quiet">{about}</div>
              <ProblemNote problem={remove.error} />
            </div>
          </DialogContent>
          <DialogActions>
            <Button onClick={() => setOpen(false)} disabled={remove.isPending}>Back</Button>
            <Button variant="contained" color="error" autoFocus loading={remove.isPending} onClick={() => remove.mutate({})}>Remove</Button>
          </DialogActions>
        </Dialog>
      )}
    </>
  );
}
