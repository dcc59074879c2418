import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import { Link } from "react-router";
import type { Shape } from "@/api/client";
import { words } from "@/parts/Chip";
import { actorText } from "@/parts/History";
import { Facts } from "@/parts/Page";
import { When } from "@/parts/When";
import { changesOf } from "./changes";
import { recordPlace } from "./places";

type Props = { entry: Shape<"AuditEntry">; names: Record<string, string>; close: () => void };

/** One entry: before and after side by side, and the way to the record. */
export function EntryDialog({ entry, names, close }: Props) {
  const changes = changesOf(entry.before, entry.after);
  const place = recordPlace(entry.record);
  return (
    <Dialog open onClose={close} fullWidth maxWidth="md">
      <DialogTitle>
        {words(entry.action)} · <code>{entry.record}</code>
      </DialogTitle>
      <DialogContent>
        <div className="stack">
          <Facts
            facts={[
              ["Who", `${actorText(entry.actor, names)} (${entry.actor})`],
              ["When", <When key="at" at={entry.at} />],
              ["Why", entry.why],
              ["Request", entry.request_id && <code key="request">{entry.request_id}</code>],
            ]}
          />
          {changes.length > 0 ? (
            <table className="table plain diff">
              <thead>
                <tr>
                  <th>Field</th>
                  <th>Before</th>
                  <th>After</th>
                </tr>
              </thead>
              <tbody>
                {changes.map(({ field, before, after }) => (
                  <tr key={field}>
                    <th scope="row">{field}</th>
                    <td data-tone={before === null ? undefined : "bad"}>{before ?? <span className="faint">–</span>}</td>
                    <td data-tone={after === null ? undefined : "ok"}>{after ?? <span className="faint">–</span>}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          ) : (
            <p className="quiet">No values were kept with this entry.</p>
          )}
        </div>
      </DialogContent>
      <DialogActions>
        {place && <Button component={Link} to={place}>Open the record</Button>}
        <Button variant="contained" color="primary" onClick={close} autoFocus>Close</Button>
      </DialogActions>
    </Dialog>
  );
}
