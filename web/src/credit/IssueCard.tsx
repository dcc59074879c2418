import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import { Gift } from "lucide-react";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { TextIn, YesNo } from "@/parts/fields";
import { minorUnits } from "@/parts/Money";
import { useCan } from "@/parts/scopes";
import { TOUCHES } from "./value";

type Body = Shape<"NewGiftCard">;
type Values = { amount: string; currency: string; expires: string; note: string; sold: boolean };

export function IssueButton() {
  const can = useCan();
  const [isOpen, setOpen] = useState(false);
  const [code, setCode] = useState<string | null>(null);
  const issue = useWrite(
    (body: Body, once) => answer(api.POST("/api/v1/gift-cards", { body, ...once })),
    { touches: TOUCHES, done: (made) => setCode(made.code) },
  );
  if (!can("refund_payments")) return null;
  return (
    <>
      <Button variant="contained" color="primary" startIcon={<Gift size={14} />} onClick={() => setOpen(true)}>
        Issue a card
      </Button>
      {isOpen && (
        <Ask<Values, Body>
          title="Issue a gift card"
          about="Its code is shown once, and kept nowhere."
          verb="Issue it"
          values={{ amount: "", currency: "EUR", expires: "", note: "", sold: false }}
          input={({ amount, currency, expires, note, sold }) => {
            const of = currency.trim().toUpperCase();
            const minor = minorUnits(amount, of);
            if (minor === null || minor <= 0) return null;
            return { amount: minor, currency: of, sold, expires_at: expires ? new Date(`${expires}T23:59:59`).toISOString() : null, note: note.trim() || null };
          }}
          write={issue}
          close={() => setOpen(false)}
        >
          <TextIn name="amount" label="Amount" required autoFocus />
          <TextIn name="currency" label="Currency" required />
          <TextIn name="expires" label="Expires at the end of" type="date" help="Empty: never" />
          <TextIn name="note" label="Note" />
          <YesNo name="sold" label="Sold" help="Somebody paid for it. Otherwise it is given away." />
        </Ask>
      )}
      {code && <CodeOnce code={code} close={() => setCode(null)} />}
    </>
  );
}

/** The one moment at which a code can be read. */
export function CodeOnce({ code, close }: { code: string; close: () => void }) {
  return (
    <Dialog open onClose={close} fullWidth maxWidth="xs">
      <DialogTitle>The card's code</DialogTitle>
      <DialogContent>
        <div className="stack">
          <p className="strong mono" data-testid="code">{code}</p>
          <p className="quiet">Give it to the customer now. It cannot be shown again; a lost one gets a new code.</p>
        </div>
      </DialogContent>
      <DialogActions>
        <Button onClick={() => void navigator.clipboard.writeText(code)}>Copy</Button>
        <Button variant="contained" color="primary" onClick={close}>Done</Button>
      </DialogActions>
    </Dialog>
  );
}
