import { useEffect, useRef } from "react";
import { say } from "./texts";

/** What went wrong, said aloud; nothing while all is well. */
export function Problem({ of }: { of: unknown }) {
  if (!of) return null;
  return <p className="door-problem" role="alert">{of instanceof Error ? of.message : say("noAnswer")}</p>;
}

/** The heading of a step, which has the focus when the step begins: who cannot see hears where they are. */
export function Heading({ children }: { children: React.ReactNode }) {
  const place = useRef<HTMLHeadingElement>(null);
  useEffect(() => place.current?.focus(), []);
  return <h1 ref={place} tabIndex={-1}>{children}</h1>;
}

export function BackButton({ onPress }: { onPress: () => void }) {
  return <button type="button" className="door-quiet" onClick={onPress}><span aria-hidden>‹ </span>{say("back")}</button>;
}
