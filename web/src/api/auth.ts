import type { AuthProvider } from "ra-core";
import { useSyncExternalStore } from "react";
import { answer, api, type Shape } from "./client";
import { onSignedOut, rememberCsrf } from "./send";

export type Session = Shape<"SessionShape">;

let known: Promise<Session> | null = null;
let isOut = false;
const watchers = new Set<() => void>();

function setOut(out: boolean): void {
  isOut = out;
  watchers.forEach((watcher) => watcher());
}
onSignedOut(() => {
  known = null;
  setOut(true);
});

/** Whether the session has ended, or there never was one. */
export function useIsSignedOut(): boolean {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => isOut,
  );
}

function keep(session: Promise<Session>): Promise<Session> {
  known = session;
  session.then(
    (s) => {
      rememberCsrf(s.csrf_token);
      setOut(false);
    },
    () => (known = null),
  );
  return session;
}

/** Who is signed in; asked once. Throws Problem with status 401 when nobody is. */
export function session(): Promise<Session> {
  return known ?? keep(answer(api.GET("/api/v1/session")));
}

const VERBS: Record<string, string> = { list: "read", show: "read", read: "read" };

/** `read_orders` for looking at orders, `write_orders` for anything else. */
export function scopeFor(action: string, noun: string): string {
  return `${VERBS[action] ?? "write"}_${noun}`;
}

export const authProvider: AuthProvider = {
  login: async ({ email, password, code }: { email: string; password: string; code: string | null }) => {
    await keep(answer(api.POST("/api/v1/session", { body: { email, password, code } })));
  },
  logout: async () => {
    if (known) await api.DELETE("/api/v1/session").catch(() => undefined);
    known = null;
    rememberCsrf(null);
    setOut(true);
    return false;
  },
  checkAuth: async () => {
    await session();
  },
  // Nobody is sent away by an error: an ended session asks for the password on top of what is open.
  checkError: () => Promise.resolve(),
  getIdentity: async () => {
    const s = await session();
    return { id: s.user_id ?? "", fullName: s.name, role: s.role };
  },
  getPermissions: async () => (await session()).scopes,
  canAccess: async ({ action, resource }) => (await session()).scopes.includes(scopeFor(action, resource)),
};
