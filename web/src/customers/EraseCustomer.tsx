import Button from "@mui/material/Button";
import { UserX } from "lucide-react";
import { useNotify } from "ra-core";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { TextIn } from "@/parts/fields";
import { useCan } from "@/parts/scopes";

type Body = Shape<"EraseBody">;

export function EraseButton({ id }: { id: string }) {
  const [isOpen, setOpen] = useState(false);
  const notify = useNotify();
  const can = useCan();
  const erase = useWrite(
    (body: Body, once) => answer(api.POST("/api/v1/customers/{customer_id}/erase", { params: { path: { customer_id: id } }, body, ...once })),
    { touches: ["customers", "orders"], done: () => notify("The person's data is gone.") },
  );
  if (!can("write_customers")) return null;
  return (
    <>
      <Button startIcon={<UserX size={14} />} onClick={() => setOpen(true)}>
        Erase
      </Button>
      {isOpen && (
        <Ask<Body, Body>
          title="Erase this person's data"
          about="Name, addresses, e-mail and phone are removed for good, here and in the orders. The orders stay, without a name. This cannot be undone."
          verb="Erase for good"
          tone="error"
          values={{ reason: "" }}
          input={({ reason }) => ({ reason })}
          write={erase}
          close={() => setOpen(false)}
        >
          <TextIn name="reason" label="Reason" required autoFocus placeholder="Asked for by mail on 3 March" />
        </Ask>
      )}
    </>
  );
}
