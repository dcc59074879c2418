import type { ReactNode } from "react";

/** What may be wider than its place. It takes the focus, so that it can be scrolled with the keys where nothing in it does. */
export function Scrolls({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="scroll-x" role="region" aria-label={name} tabIndex={0}>
      {children}
    </div>
  );
}
