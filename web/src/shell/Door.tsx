import { useQuery } from "@tanstack/react-query";
import { useRef, type ReactNode } from "react";
import { session, useIsSignedOut } from "@/api/auth";
import { Problem } from "@/api/problem";
import { ProblemNote } from "@/parts/states";
import { SignIn } from "./SignIn";

/**
 * Lets in whoever is signed in. When a session ends while somebody works, the sign-in covers the screen and the
 * screen stays as it was, with everything that was typed.
 */
export function Door({ children }: { children: ReactNode }) {
  const isOut = useIsSignedOut();
  const asked = useQuery({ queryKey: ["session", isOut], queryFn: session, staleTime: Infinity, enabled: !isOut });
  const known = useRef<string | null>(null);
  const who = asked.data?.user_id ?? null;
  // Somebody else at the same desk gets a fresh console, not the screens of who was here before.
  if (who && known.current && who !== known.current) location.reload();
  if (who) known.current = who;

  if (isOut || (asked.error instanceof Problem && asked.error.status === 401)) {
    return (
      <>
        {known.current && <div inert>{children}</div>}
        <SignIn again={known.current !== null} />
      </>
    );
  }
  if (asked.error && !known.current) {
    return (
      <main className="door">
        <div className="door-card">
          <ProblemNote problem={asked.error} retry={() => void asked.refetch()} />
        </div>
      </main>
    );
  }
  return asked.data || known.current ? children : null;
}
