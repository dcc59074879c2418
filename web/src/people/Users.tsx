import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { useNotify } from "ra-core";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { Chip } from "@/parts/Chip";
import { SelectIn, TextIn, YesNo } from "@/parts/fields";
import type { Filter } from "@/parts/filters";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { useCan } from "@/parts/scopes";
import { Empty, ProblemNote } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";

type User = Shape<"User">;

const FILTERS: Filter[] = [
  { field: "name", label: "Name", kind: "text" },
  { field: "email", label: "E-mail", kind: "text" },
  { field: "role", label: "Role", kind: "text", operator: "eq" },
  { field: "active", label: "Active", kind: "yes" },
  { field: "second_factor", label: "Second factor", kind: "yes" },
];

/** Who may come in, and as what. */
export default function Users() {
  const listing = useListing<User>("users", { sort: "name" });
  const can = useCan();
  const [open, setOpen] = useState<User | "new" | null>(null);
  const columns: Column<User>[] = [
    {
      id: "name", label: "Name", sort: "name", grow: true,
      render: (u) => (can("write_people") ? <button type="button" className="plain-link" onClick={() => setOpen(u)}><span className="strong">{u.name}</span></button> : <span className="strong">{u.name}</span>),
    },
    { id: "email", label: "E-mail", sort: "email", render: (u) => u.email },
    { id: "role", label: "Role", sort: "role", render: (u) => u.role },
    { id: "active", label: "State", render: (u) => <Chip state={u.active ? "active" : "inactive"} label={u.active ? "Active" : "Switched off"} /> },
    { id: "second_factor", label: "Second factor", extra: true, render: (u) => (u.second_factor ? "Yes" : "No") },
    { id: "keys", label: "API keys", extra: true, render: (u) => u.keys || "" },
    { id: "created_at", label: "Since", sort: "created_at", extra: true, render: (u) => <When at={u.created_at} /> },
    { id: "last_sign_in_at", label: "Last sign-in", sort: "last_sign_in_at", render: (u) => <When at={u.last_sign_in_at} /> },
  ];
  return (
    <ListPage
      title="Users"
      listing={listing}
      columns={columns}
      filters={FILTERS}
      quick={[{ label: "All", filters: {} }, { label: "Active", filters: { active_eq: "true" } }, { label: "Switched off", filters: { active_eq: "false" } }]}
      actions={can("write_people") && (
        <Button variant="contained" color="primary" startIcon={<UserPlus size={14} />} onClick={() => setOpen("new")}>Add a user</Button>
      )}
      empty={<Empty title="Nobody fits" />}
    >
      {open === "new" && <NewUser close={() => setOpen(null)} />}
      {open !== null && open !== "new" && <ChangeUser user={open} close={() => setOpen(null)} />}
    </ListPage>
  );
}

/** Roles whose scopes the caller holds all: no others can be given. */
function useGivable(): { value: string; label: string }[] {
  const can = useCan();
  const roles = useQuery({
    queryKey: ["roles", "all"],
    queryFn: async () => (await answer(api.GET("/api/v1/roles", { params: { query: { limit: 200 } } }))).data,
  });
  return (roles.data ?? []).filter((role) => role.scopes.every((scope) => can(scope))).map((role) => ({ value: role.name, label: role.name }));
}

type NewValues = { name: string; email: string; role: string; password: string };

function NewUser({ close }: { close: () => void }) {
  const notify = useNotify();
  const roles = useGivable();
  const write = useWrite((body: NewValues, once) => answer(api.POST("/api/v1/users", { body, ...once })), {
    touches: ["users"],
    done: (user) => notify(`${user.name} may come in`, { type: "success" }),
  });
  return (
    <Ask<NewValues, NewValues> title="Add a user" verb="Add" values={{ name: "", email: "", role: "", password: "" }} input={(v) => v} write={write} close={close} about="Give them the password by a safe way; they change it under their account.">
      <TextIn name="name" label="Name" required autoFocus />
      <TextIn name="email" label="E-mail" type="email" required />
      <SelectIn name="role" label="Role" required choices={roles} help="Only roles that hold no more than you do." />
      <TextIn name="password" label="First password" type="password" required help="At least 12 characters." />
    </Ask>
  );
}

type ChangeValues = { name: string; role: string; active: boolean; password: string };

function ChangeUser({ user, close }: { user: User; close: () => void }) {
  const notify = useNotify();
  const givable = useGivable();
  const roles = givable.some((r) => r.value === user.role) ? givable : [{ value: user.role, label: user.role }, ...givable];
  const write = useWrite(
    (body: Shape<"ChangedUser">, once) => answer(api.PATCH("/api/v1/users/{user_id}", { params: { path: { user_id: user.id } }, body, ...once })),
    { touches: ["users"], done: (saved) => notify(`${saved.name} is changed`, { type: "success" }) },
  );
  return (
    <Ask<ChangeValues, Shape<"ChangedUser">>
      title={user.email}
      about="Another role, a new password or a switch ends their sessions."
      verb="Keep"
      values={{ name: user.name, role: user.role, active: user.active, password: "" }}
      input={({ name, role, active, password }) => ({ name, role, active, password: password || null, version: user.version })}
      write={write}
      close={close}
    >
      <TextIn name="name" label="Name" required autoFocus />
      <SelectIn name="role" label="Role" required choices={roles} />
      <TextIn name="password" label="New password" type="password" help="Empty: it stays." />
      <YesNo name="active" label="May come in" help={user.keys > 0 ? keysStop(user) : undefined} />
      {user.second_factor && <LostPhone user={user} close={close} />}
    </Ask>
  );
}

function keysStop(user: User): string {
  const keys = user.keys === 1 ? "An API key of theirs stops" : `${user.keys} API keys of theirs stop`;
  return `${keys} when they are switched off. Whoever takes a key over, on the page of keys, lets it go on.`;
}

/** For somebody who has lost phone and recovery codes. */
function LostPhone({ user, close }: { user: User; close: () => void }) {
  const notify = useNotify();
  const write = useWrite(
    (id: string, once) => answer(api.POST("/api/v1/users/{user_id}/remove-second-factor", { params: { path: { user_id: id } }, ...once })),
    {
      touches: ["users"],
      done: (saved) => {
        notify(`${saved.name} signs in with the password alone`, { type: "success" });
        close();
      },
    },
  );
  return (
    <div className="stack tight">
      <p className="quiet small">Has a second factor. Take it away only when you are sure that it is them who ask.</p>
      <div>
        <Button color="error" loading={write.isPending} onClick={() => write.mutate(user.id)}>
          Remove the second factor
        </Button>
      </div>
      <ProblemNote problem={write.error} />
    </div>
  );
}
