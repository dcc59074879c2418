import { useEffect } from "react";

type Props = {
  label: string;
  question: string;
  reasons: readonly string[];
  choose: (reason: string) => void;
  back: () => void;
  backLabel: string;
};

/** Why something is as it is: by number key, or pressed. */
export function Reasons({ label, question, reasons, choose, back, backLabel }: Props) {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const reason = reasons[Number(event.key) - 1];
      if (event.key === "Escape") back();
      else if (reason) choose(reason);
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  });
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
