import Button from "@mui/material/Button";
import Checkbox from "@mui/material/Checkbox";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import { useQuery } from "@tanstack/react-query";
import { Check, Copy, KeyRound } from "lucide-react";
import { useNotify } from "ra-core";
import { useState } from "react";
import { useController, useFormContext } from "react-hook-form";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { Chip } from "@/parts/Chip";
import { TextIn } from "@/parts/fields";
import type { Filter } from "@/parts/filters";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { useCan } from "@/parts/scopes";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";

type Key = Shape<"ApiKey">;

const FILTERS: Filter[] = [
  { field: "name", label: "Name", kind: "text" },
  { field: "state", label: "State", kind: "choice", choices: ["active", "stopped", "expired", "revoked"] },
  { field: "prefix", label: "Begins with", kind: "text", operator: "start" },
  { field: "owner", label: "Whose", kind: "text" },
  { field: "created_by", label: "Made by", kind: "text", operator: "eq" },
  { field: "last_used_at", label: "Last used", kind: "date" },
];

/** API keys: made with fixed scopes, shown once, revoked for good. They stop with whoever they belong to. */
export default function Keys() {
  const listing = useListing<Key>("keys", { sort: "-created_at" });
  const can = useCan();
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<Shape<"MadeKey"> | null>(null);
  const [revoking, setRevoking] = useState<Key | null>(null);
  const [taking, setTaking] = useState<Key | null>(null);
  const me = useQuery({ queryKey: ["me"], queryFn: () => answer(api.GET("/api/v1/me")) });
  const columns: Column<Key>[] = [
    { id: "name", label: "Name", sort: "name", grow: true, render: (k) => <span className="strong">{k.name}</span> },
    { id: "prefix", label: "Key", render: (k) => <code>{k.prefix}…</code> },
    { id: "state", label: "State", render: (k) => <Chip state={k.state} /> },
    { id: "owner", label: "Whose", render: (k) => k.owner ?? <span className="quiet" title="Made where Backoffice runs: it goes on whoever leaves.">nobody's</span> },
    { id: "scopes", label: "May", wide: true, render: (k) => <span title={k.scopes.join("\n")}>{k.scopes.length} {k.scopes.length === 1 ? "scope" : "scopes"}</span> },
    { id: "last_used_at", label: "Last used", sort: "last_used_at", render: (k) => <When at={k.last_used_at} /> },
    { id: "created_at", label: "Made", sort: "created_at", wide: true, render: (k) => <When at={k.created_at} /> },
    { id: "expires_at", label: "Ends", sort: "expires_at", wide: true, render: (k) => <When at={k.expires_at} /> },
    {
      id: "verbs", label: "",
      render: (k) => can("write_people") && !k.revoked_at && (
        <>
          {k.owner_id !== null && `user:${k.owner_id}` !== me.data?.principal && k.scopes.every((scope) => can(scope)) && <Button variant="text" onClick={() => setTaking(k)}>Take over</Button>}
          <Button variant="text" color="error" onClick={() => setRevoking(k)}>Revoke</Button>
        </>
      ),
    },
  ];
  return (
    <ListPage
      title="API keys"
      about="What programs use to call Backoffice."
      listing={listing}
      columns={columns}
      filters={FILTERS}
      quick={[{ label: "All", filters: {} }, { label: "Live", filters: { state_eq: "active" } }, { label: "Stopped", filters: { state_eq: "stopped" } }, { label: "Expired", filters: { state_eq: "expired" } }, { label: "Revoked", filters: { state_eq: "revoked" } }]}
      actions={can("write_people") && <Button variant="contained" color="primary" startIcon={<KeyRound size={14} />} onClick={() => setMaking(true)}>Make a key</Button>}
      empty={<Empty title="No key fits" />}
    >
      {making && <NewKey close={() => setMaking(false)} made={setMade} />}
      {made && <Secret made={made} close={() => setMade(null)} />}
      {revoking && <Revoke apiKey={revoking} close={() => setRevoking(null)} />}
      {taking && <TakeOver apiKey={taking} close={() => setTaking(null)} />}
    </ListPage>
  );
}

type Values = { name: string; expires: string; scopes: string[] };

function NewKey({ close, made }: { close: () => void; made: (key: Shape<"MadeKey">) => void }) {
  const write = useWrite((body: Shape<"NewKey">, once) => answer(api.POST("/api/v1/keys", { body, ...once })), { touches: ["keys"], done: made });
  return (
    <Ask<Values, Shape<"NewKey">>
      title="Make an API key"
      about="Give it what the program needs and no more. What it may cannot be changed later."
      verb="Make"
      width="sm"
      values={{ name: "", expires: "", scopes: [] }}
      input={({ name, expires, scopes }) => ({ name, scopes, expires_at: expires ? new Date(`${expires}T23:59:59`).toISOString() : null })}
      write={write}
      close={close}
    >
      <TextIn name="name" label="What is it for" required autoFocus />
      <TextIn name="expires" label="Ends on" help="As YYYY-MM-DD; empty: never." />
      <ScopesIn />
    </Ask>
  );
}

function ScopesIn() {
  const can = useCan();
  const { control } = useFormContext<Values>();
  const { field, fieldState } = useController({ name: "scopes", control, rules: { validate: (v) => v.length > 0 || "Choose at least one." } });
  const vocabulary = useQuery({ queryKey: ["scopes"], staleTime: Infinity, queryFn: async () => (await answer(api.GET("/api/v1/scopes"))).scopes });
  const flip = (scope: string) => field.onChange(field.value.includes(scope) ? field.value.filter((s) => s !== scope) : [...field.value, scope]);
  return (
    <fieldset className="scope-boxes">
      <legend>It may</legend>
      {(vocabulary.data ?? []).filter((scope) => can(scope)).map((scope) => (
        <label key={scope}>
          <Checkbox checked={field.value.includes(scope)} onChange={() => flip(scope)} />
          <code>{scope}</code>
        </label>
      ))}
      {fieldState.error && <p className="field-problem" role="alert">{fieldState.error.message}</p>}
    </fieldset>
  );
}

function Secret({ made, close }: { made: Shape<"MadeKey">; close: () => void }) {
  const [isCopied, setCopied] = useState(false);
  return (
    <Dialog open fullWidth maxWidth="sm">
      <DialogTitle>{made.name}</DialogTitle>
      <DialogContent>
        <div className="stack">
          <p>Copy the key now. It is shown this once, and nobody can show it again.</p>
          <div className="secret">
            <code tabIndex={0}>{made.secret}</code>
            <Button
              startIcon={isCopied ? <Check size={14} /> : <Copy size={14} />}
              onClick={() => void navigator.clipboard?.writeText(made.secret ?? "").then(() => setCopied(true))}
            >
              {isCopied ? "Copied" : "Copy"}
            </Button>
          </div>
        </div>
      </DialogContent>
      <DialogActions>
        <Button variant="contained" color="primary" onClick={close}>I have it</Button>
      </DialogActions>
    </Dialog>
  );
}

function Revoke({ apiKey, close }: { apiKey: Key; close: () => void }) {
  const notify = useNotify();
  const write = useWrite((id: string, once) => answer(api.POST("/api/v1/keys/{key_id}/revoke", { params: { path: { key_id: id } }, ...once })), {
    touches: ["keys"],
    done: () => notify(`${apiKey.name} is revoked`, { type: "success" }),
  });
  return (
    <Ask<Record<string, never>, string>
      title={`Revoke ${apiKey.name}?`}
      about="Whatever uses it is refused within five seconds. It cannot be taken back."
      verb="Revoke"
      tone="error"
      values={{}}
      input={() => apiKey.id}
      write={write}
      close={close}
    />
  );
}

function TakeOver({ apiKey, close }: { apiKey: Key; close: () => void }) {
  const notify = useNotify();
  const write = useWrite((id: string, once) => answer(api.POST("/api/v1/keys/{key_id}/take-over", { params: { path: { key_id: id } }, ...once })), {
    touches: ["keys", "users"],
    done: () => notify(`${apiKey.name} goes on in your name`, { type: "success" }),
  });
  return (
    <Ask<Record<string, never>, string>
      title={`Take over ${apiKey.name}?`}
      about={`It is ${apiKey.owner}'s: it may no more than they, and stops when they are switched off. Taken over, it goes on in your name.`}
      verb="Take over"
      values={{}}
      input={() => apiKey.id}
      write={write}
      close={close}
    />
  );
}
