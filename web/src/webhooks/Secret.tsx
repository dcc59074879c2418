import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import { Check, Copy } from "lucide-react";
import { useState } from "react";

/** Shown this once: nothing brings it back. */
export function Secret({ secret, close }: { secret: string; close: () => void }) {
  const [copied, setCopied] = useState(false);
  const copy = () => void navigator.clipboard.writeText(secret).then(() => setCopied(true));
  return (
    <Dialog open fullWidth maxWidth="sm">
      <DialogTitle>Keep this secret</DialogTitle>
      <DialogContent>
        <div className="stack">
          <p className="quiet">
            The receiver needs it to check that what arrives is from here. It is shown this once; a new one can be made at
            any time.
          </p>
          <div className="row secret">
            <code>{secret}</code>
            <Button onClick={copy} startIcon={copied ? <Check size={14} /> : <Copy size={14} />}>
              {copied ? "Copied" : "Copy"}
            </Button>
          </div>
          <p className="quiet small">
            <code>Backoffice-Signature</code> is the HMAC-SHA256 of <code>timestamp.body</code> under it, in hexadecimal digits.
          </p>
        </div>
      </DialogContent>
      <DialogActions>
        <Button variant="contained" color="primary" onClick={close}>
          I have kept it
        </Button>
      </DialogActions>
    </Dialog>
  );
}
