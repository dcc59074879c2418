import Button from "@mui/material/Button";
import { useState } from "react";

export type Seen = { version: number; isOld: boolean; renew: () => void };

/**
 * The version a person decided by, which stays when the record moves on under them. It goes with what they send,
 * so that the server can refuse to overwrite what they have not seen.
 */
export function useSeen(current: number): Seen {
  const [version, setVersion] = useState(current);
  return { version, isOld: version !== current, renew: () => setVersion(current) };
}

/** Tells that somebody else was faster, and goes on with what was typed. */
export function SomebodyElse({ seen, what }: { seen: Seen; what: string }) {
  if (!seen.isOld) return null;
  return (
    <div className="note row apart" role="status">
      <p>
        <span className="strong">Somebody else changed this {what} meanwhile.</span> What you entered is still here; what stands
        around it is already the new state.
      </p>
      <Button onClick={seen.renew}>Go on with it</Button>
    </div>
  );
}
