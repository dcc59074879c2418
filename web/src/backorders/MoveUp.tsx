import Button from "@mui/material/Button";
import { useState } from "react";
import { answer, api } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { TextIn } from "@/parts/fields";
import { useCan } from "@/parts/scopes";
import { TOUCHES, type Share } from "./backorder";

type Reason = { reason: string };

/** Lets somebody go before the others, or back into their turn. */
export function MoveButton({ share }: { share: Share }) {
  const can = useCan();
  const [open, setOpen] = useState(false);
  if (!can("write_stock")) return null;
  const close = () => setOpen(false);
  return (
    <>
      <Button variant="text" onClick={() => setOpen(true)}>{share.moved_up_at ? "Put back" : "Move up"}</Button>
      {open && (share.moved_up_at ? <MoveBack share={share} close={close} /> : <MoveUp share={share} close={close} />)}
    </>
  );
}

type Props = { share: Share; close: () => void };
const path = (s: Share) => ({ params: { path: { allocation_id: s.allocation_id } } });

function MoveUp({ share, close }: Props) {
  const move = useWrite(
    (body: Reason, once) => answer(api.POST("/api/v1/backorders/{allocation_id}/move-up", { ...path(share), body, ...once })),
    { touches: TOUCHES },
  );
  return (
    <Ask<Reason, Reason>
      title={`${share.order_number} goes first`}
      about="Before all but those who were passed over as often as may be. The reason is kept with the units that it gets."
      verb="Move up"
      values={{ reason: "" }}
      input={({ reason }) => ({ reason })}
      write={move}
      close={close}
    >
      <TextIn name="reason" label="Why" required autoFocus />
    </Ask>
  );
}

function MoveBack({ share, close }: Props) {
  const move = useWrite(
    (body: Reason, once) => answer(api.POST("/api/v1/backorders/{allocation_id}/move-back", { ...path(share), body, ...once })),
    { touches: TOUCHES },
  );
  return (
    <Ask<Reason, Reason>
      title={`${share.order_number} waits its turn`}
      about={`It was moved up: ${share.moved_up_why}`}
      verb="Put back"
      values={{ reason: "" }}
      input={({ reason }) => ({ reason })}
      write={move}
      close={close}
    >
      <TextIn name="reason" label="Why" required autoFocus />
    </Ask>
  );
}
