import Button from "@mui/material/Button";
import Checkbox from "@mui/material/Checkbox";
import TextField from "@mui/material/TextField";
import { useQuery } from "@tanstack/react-query";
import { Lock, Plus } from "lucide-react";
import { useNotify } from "ra-core";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Chip, words } from "@/parts/Chip";
import { Count } from "@/parts/Count";
import { ExportLink } from "@/parts/ExportLink";
import { Card, Page } from "@/parts/Page";
import { useCan } from "@/parts/scopes";
import { Loaded, ProblemNote } from "@/parts/states";
import { matrixOf } from "./matrix";

type Role = Shape<"Role">;

/** Roles, and what each may do, as a table of nouns and verbs. */
export default function Roles() {
  const can = useCan();
  const [params, setParams] = useSearchParams();
  const roles = useQuery({
    queryKey: ["roles", "all"],
    queryFn: async () => (await answer(api.GET("/api/v1/roles", { params: { query: { limit: 200 } } }))).data,
  });
  const vocabulary = useQuery({ queryKey: ["scopes"], staleTime: Infinity, queryFn: async () => (await answer(api.GET("/api/v1/scopes"))).scopes });
  const open = params.get("open");
  const show = (name: string | null) => setParams(name === null ? {} : { open: name }, { replace: true });
  return (
    <Page
      title="Roles"
      about="What a role may do is data; nobody gives what they do not hold."
      actions={<><ExportLink file="roles" />{can("write_people") && <Button variant="contained" color="primary" startIcon={<Plus size={14} />} onClick={() => show("")}>Add a role</Button>}</>}
    >
      <Loaded query={roles} lines={5}>
        {(all) => {
          const chosen = open === null ? all[0] : all.find((role) => role.name === open);
          return (
            <div className="beside">
              <nav className="side-list" aria-label="Roles">
                {all.map((role) => (
                  <button key={role.name} type="button" aria-current={role.name === chosen?.name || undefined} onClick={() => show(role.name)}>
                    <span>{role.name}</span>
                    {role.locked ? <Lock size={13} aria-label="locked" /> : <span className="faint small">{role.scopes.length}</span>}
                  </button>
                ))}
              </nav>
              <Loaded query={vocabulary}>
                {(scopes) => <Matrix key={chosen ? `${chosen.name}${chosen.version}` : "new"} role={chosen} scopes={scopes} show={show} />}
              </Loaded>
            </div>
          );
        }}
      </Loaded>
    </Page>
  );
}

function Matrix({ role, scopes, show }: { role: Role | undefined; scopes: string[]; show: (name: string | null) => void }) {
  const can = useCan();
  const notify = useNotify();
  const [name, setName] = useState("");
  const [held, setHeld] = useState<ReadonlySet<string>>(new Set(role?.scopes));
  const { nouns, verbs } = matrixOf(scopes);
  const users = useQuery({
    queryKey: ["users", "of role", role?.name],
    enabled: role !== undefined,
    queryFn: async () => (await answer(api.GET("/api/v1/users", { params: { query: { role_eq: role?.name, limit: 1, count: "exact" } } }))).page.total ?? 0,
  });
  const put = useWrite(
    ({ as, body }: { as: string; body: Shape<"PutRole"> }, once) => answer(api.PUT("/api/v1/roles/{name}", { params: { path: { name: as } }, body, ...once })),
    { touches: ["roles"], done: (saved) => { notify(`The role ${saved.name} is kept`, { type: "success" }); show(saved.name); } },
  );
  const remove = useWrite((as: string, once) => answer(api.DELETE("/api/v1/roles/{name}", { params: { path: { name: as } }, ...once })), {
    touches: ["roles"],
    done: () => { notify("The role is gone", { type: "success" }); show(null); },
  });
  // Who holds less than the role cannot change it; the server says so too.
  const mayChange = can("write_people") && !role?.locked && (role?.scopes.every((scope) => can(scope)) ?? true);
  const flip = (scope: string) => {
    const next = new Set(held);
    if (!next.delete(scope)) next.add(scope);
    setHeld(next);
  };
  const before = role?.scopes ?? [];
  const changed = held.size !== before.length || before.some((scope) => !held.has(scope));
  return (
    <Card
      title={role ? role.name : "A new role"}
      action={
        <span className="row">
          {role && users.data !== undefined && <Count value={users.data} to={`/users?role_eq=${encodeURIComponent(role.name)}`} label="users have it" />}
          {role && <span className="faint small">{users.data === 1 ? "user" : "users"}</span>}
          {role?.locked && <Chip state="locked" label="Always holds everything" tone="info" />}
        </span>
      }
    >
      <div className="stack">
        {!role && <TextField label="Name" value={name} onChange={(event) => setName(event.target.value)} autoFocus required />}
        <div className="scroll-x">
          <table className="table plain matrix">
            <thead>
              <tr>
                <th>On</th>
                {verbs.map((verb) => <th key={verb} className="pick">{words(verb)}</th>)}
              </tr>
            </thead>
            <tbody>
              {nouns.map((noun) => (
                <tr key={noun}>
                  <th scope="row">{words(noun)}</th>
                  {verbs.map((verb) => {
                    const scope = `${verb}_${noun}`;
                    if (!scopes.includes(scope)) return <td key={verb} />;
                    const isGivable = can(scope);
                    return (
                      <td key={verb} className="pick" title={isGivable ? scope : `You do not hold ${scope}, so you cannot give it`}>
                        <Checkbox
                          checked={held.has(scope)}
                          disabled={!mayChange || (!isGivable && !held.has(scope))}
                          onChange={() => flip(scope)}
                          slotProps={{ input: { "aria-label": scope } }}
                        />
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <ProblemNote problem={put.error ?? remove.error} />
        {mayChange && (
          <div className="row">
            <Button
              variant="contained" color="primary"
              loading={put.isPending}
              disabled={!changed || (!role && !name.trim())}
              onClick={() => put.mutate({ as: role?.name ?? name.trim(), body: { scopes: [...held], version: role?.version } })}
            >
              Keep
            </Button>
            {role && (
              <Button color="error" loading={remove.isPending} disabled={users.data !== 0} title={users.data ? "Users have it" : undefined} onClick={() => remove.mutate(role.name)}>
                Remove
              </Button>
            )}
          </div>
        )}
      </div>
    </Card>
  );
}
