import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import { Copy, Download } from "lucide-react";
import { useNotify } from "ra-core";

/** Shown once: it closes only by saying that they are kept. */
export function RecoveryCodes({ codes, close }: { codes: string[]; close: () => void }) {
  const notify = useNotify();
  const sheet = `${codes.join("\n")}\n`;
  return (
    <Dialog open fullWidth maxWidth="xs">
      <DialogTitle>Keep these recovery codes</DialogTitle>
      <DialogContent>
        <div className="stack">
          <p className="quiet">Each lets you in once when your phone is not at hand. They are not shown again.</p>
          <ul className="factor-codes mono" aria-label="Recovery codes">
            {codes.map((code) => (
              <li key={code}>{code}</li>
            ))}
          </ul>
          <div className="row wrap">
            <Button
              startIcon={<Copy size={14} />}
              onClick={() => void navigator.clipboard.writeText(sheet).then(() => notify("Copied", { type: "success" }))}
            >
              Copy
            </Button>
            <Button component="a" href={`data:text/plain;charset=utf-8,${encodeURIComponent(sheet)}`} download="backoffice-recovery-codes.txt" startIcon={<Download size={14} />}>
              Download
            </Button>
          </div>
        </div>
      </DialogContent>
      <DialogActions>
        <Button variant="contained" color="primary" onClick={close} autoFocus>
          I have them
        </Button>
      </DialogActions>
    </Dialog>
  );
}
