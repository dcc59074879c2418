import { useEffect } from "react";

const REASONS = ["not in the bin", "damaged", "something else lies there", "cannot be reached"];

type Props = { found: number; wanted: number; choose: (reason: string) => void; back: () => void };

/** Why fewer were taken than asked: by number key, or pressed. */
export function ShortReasons({ found, wanted, choose, back }: Props) {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const reason = REASONS[Number(event.key) - 1];
      if (event.key === "Escape") back();
      else if (reason) choose(reason);
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  });
  return (
    <section aria-label="Why fewer" className="floor-reasons">
      <h2 className="floor-ask">
        {found} of {wanted} taken. What about the rest?
      </h2>
      <ul className="floor-choices">
        {REASONS.map((reason, n) => (
          <li key={reason}>
            <button type="button" className="floor-choice" autoFocus={n === 0} onClick={() => choose(reason)}>
              <kbd>{n + 1}</kbd> {reason}
            </button>
          </li>
        ))}
        <li>
          <button type="button" className="floor-choice" onClick={back}>
            <kbd>Esc</kbd> back to the bin
          </button>
        </li>
      </ul>
    </section>
  );
}
