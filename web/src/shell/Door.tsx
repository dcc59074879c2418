import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
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
  const [inside, setInside] = useState<string | null>(null);
  const who = asked.data?.user_id ?? null;
  if (who && !inside) setInside(who);
  // Somebody else at the same desk gets a fresh console, not the screens of who was here before.
  if (who && inside && who !== inside) location.reload();

  const isCovered = isOut || (asked.error instanceof Problem && asked.error.status === 401);
  const isAway = asked.error !== null && !isCovered && !inside;
  return (
    <>
      <div className="inside" inert={isCovered}>
        {inside && children}
      </div>
      {isCovered && <SignIn again={inside !== null} />}
      {isAway && (
        <main className="door">
          <div className="door-card">
            <ProblemNote problem={asked.error} retry={() => void asked.refetch()} />
          </div>
        </main>
      )}
    </>
  );
}
