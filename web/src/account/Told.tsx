import Button from "@mui/material/Button";
import Checkbox from "@mui/material/Checkbox";
import TextField from "@mui/material/TextField";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNotify } from "ra-core";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Card } from "@/parts/Page";
import { Loaded, ProblemNote } from "@/parts/states";
import { zone } from "@/parts/When";

type Preferences = Shape<"Preferences">;

/** What one is told, by what way, and when mail may not come. */
export function Told() {
  const asked = useQuery({ queryKey: ["inbox", "preferences"], queryFn: () => answer(api.GET("/api/v1/inbox/preferences")) });
  return (
    <Card title="What you are told">
      <Loaded query={asked} lines={6}>
        {(preferences) => <Choices key={JSON.stringify(preferences)} known={preferences} />}
      </Loaded>
    </Card>
  );
}

function Choices({ known }: { known: Preferences }) {
  const queries = useQueryClient();
  const notify = useNotify();
  const [kinds, setKinds] = useState(known.kinds);
  const [quiet, setQuiet] = useState(known.quiet);
  const write = useWrite(
    (body: Shape<"PutPreferences">, once) => answer(api.PUT("/api/v1/inbox/preferences", { body, ...once })),
    {
      done: (saved) => {
        queries.setQueryData(["inbox", "preferences"], saved);
        notify("Kept", { type: "success" });
      },
    },
  );
  const set = (kind: string, what: "shown" | "mail", on: boolean) =>
    setKinds(kinds.map((k) => (k.kind === kind ? { ...k, [what]: on } : k)));
  return (
    <div className="stack">
      <table className="table plain">
        <thead>
          <tr>
            <th>Kind</th>
            <th className="pick">Inbox</th>
            <th className="pick">Mail</th>
          </tr>
        </thead>
        <tbody>
          {kinds.map(({ kind, what, shown, mail }) => (
            <tr key={kind}>
              <td>{what}</td>
              <td className="pick">
                <Checkbox checked={shown} onChange={(_, on) => set(kind, "shown", on)} slotProps={{ input: { "aria-label": `${what}: in the inbox` } }} />
              </td>
              <td className="pick">
                <Checkbox checked={mail} onChange={(_, on) => set(kind, "mail", on)} slotProps={{ input: { "aria-label": `${what}: by mail` } }} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="row wrap">
        <label className="row">
          <Checkbox
            checked={quiet !== null}
            onChange={(_, on) => setQuiet(on ? { time_zone: zone, starts: "20:00", ends: "07:00" } : null)}
          />
          No mail in quiet hours
        </label>
        {quiet && (
          <>
            <TextField type="time" label="From" value={quiet.starts.slice(0, 5)} onChange={(e) => setQuiet({ ...quiet, starts: e.target.value })} />
            <TextField type="time" label="To" value={quiet.ends.slice(0, 5)} onChange={(e) => setQuiet({ ...quiet, ends: e.target.value })} />
            <TextField label="Time zone" value={quiet.time_zone} onChange={(e) => setQuiet({ ...quiet, time_zone: e.target.value })} />
          </>
        )}
      </div>
      <ProblemNote problem={write.error} />
      <div>
        <Button
          variant="contained" color="primary"
          loading={write.isPending}
          onClick={() => write.mutate({ kinds: kinds.map(({ kind, shown, mail }) => ({ kind, shown, mail })), quiet })}
        >
          Keep
        </Button>
      </div>
    </div>
  );
}
