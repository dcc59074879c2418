import { useContext, useEffect, useLayoutEffect, useRef } from "react";
import { ScannedHere } from "./scanned";

/** Keys that follow one another faster than this are a scanner's: they choose nothing. */
const BURST_MS = 80;
const FORGET_MS = 600;

type Props = {
  label: string;
  question: string;
  reasons: readonly string[];
  choose: (reason: string) => void;
  back: () => void;
  backLabel: string;
};

/**
 * Why something is as it is: by number key, or pressed. A code that is scanned meanwhile chooses nothing and waits for
 * the field, since the question may come up while somebody scans on.
 */
export function Reasons({ label, question, reasons, choose, back, backLabel }: Props) {
  const scanned = useContext(ScannedHere);
  const now = useRef({ reasons, choose, back });
  useEffect(() => {
    now.current = { reasons, choose, back };
  });
  // Before it can be seen: whoever sees the question may answer it at once.
  useLayoutEffect(() => {
    let typed = "";
    let timer: ReturnType<typeof setTimeout> | undefined;
    const settle = () => {
      const reason = typed.length === 1 ? now.current.reasons[Number(typed) - 1] : undefined;
      if (reason) {
        typed = "";
        now.current.choose(reason);
      } else timer = setTimeout(() => (typed = ""), FORGET_MS);
    };
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Escape") {
        event.preventDefault();
        return now.current.back();
      }
      if (event.key === "Enter" && typed.length > 1) {
        scanned.queue(typed);
        typed = "";
        event.preventDefault();
      } else if (event.key.length === 1 && (event.key !== " " || typed)) {
        typed += event.key;
        event.preventDefault();
      } else return;
      clearTimeout(timer);
      if (typed) timer = setTimeout(settle, BURST_MS);
    };
    window.addEventListener("keydown", press, { capture: true });
    return () => {
      clearTimeout(timer);
      window.removeEventListener("keydown", press, { capture: true });
    };
  }, [scanned]);
  return (
    <section aria-label={label} className="floor-reasons">
      <h2 className="floor-ask">{question}</h2>
      <ul className="floor-choices">
        {reasons.map((reason, n) => (
          <li key={reason}>
            <button type="button" className="floor-choice" autoFocus={n === 0} onClick={() => choose(reason)}>
              <kbd>{n + 1}</kbd> {reason}
            </button>
          </li>
        ))}
        <li>
          <button type="button" className="floor-choice" onClick={back}>
            <kbd>Esc</kbd> {backLabel}
          </button>
        </li>
      </ul>
    </section>
  );
}
