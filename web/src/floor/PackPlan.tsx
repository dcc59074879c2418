import { BoxDrawing } from "./BoxDrawing";
import { whereTo } from "./drawing";
import type { Plan, Step } from "./plan";
import { KeyButton } from "./Station";

type Props = {
  plan: Plan;
  steps: readonly Step[];
  at: number;
  go: (to: number) => void;
  packed: () => void;
  busy: boolean;
  named: (sku: string) => string;
};

const intoView = (line: HTMLElement | null) => line?.scrollIntoView?.({ block: "nearest" });

/** Which boxes to take and what goes where in them, a piece at a time: drawn, and in words. */
export function PackPlan({ plan, steps, at, go, packed, busy, named }: Props) {
  const step = steps[at];
  const reasons = [...new Set(plan.left_out.map((out) => out.because))];
  return (
    <section className="pack-plan" aria-label="How to pack it">
      {step && (
        <>
          <p className="pack-plan-head">
            <strong>
              {boxName(step.box.box)}
              {plan.boxes.length > 1 && `, ${step.boxNo} of ${plan.boxes.length}`}
            </strong>{" "}
            <span className="faint">
              {step.box.inner_length_mm} × {step.box.inner_width_mm} × {step.box.inner_height_mm} mm inside, {(step.box.grams / 1000).toFixed(2)} kg packed,{" "}
              {Math.round(100 * step.box.use)} % full
            </span>
          </p>
          <div className="pack-plan-body">
            <BoxDrawing
              inside={{ length: step.box.inner_length_mm, width: step.box.inner_width_mm, height: step.box.inner_height_mm }}
              pieces={[...step.before, step.piece]}
              says={`${named(step.piece.sku)}: ${whereTo(step.piece, step.before, named)}`}
            />
            <ol className="pack-plan-steps" aria-label={`Into ${step.box.box === "" ? "its own carton" : `box ${step.box.box}`}`} tabIndex={0}>
              {step.box.pieces.map((piece, n) => (
                <li key={n} ref={piece === step.piece ? intoView : undefined} aria-current={piece === step.piece ? "step" : undefined} data-done={n < step.before.length || undefined}>
                  <span className="strong">{named(piece.sku)}</span> <span className="faint">{whereTo(piece, step.box.pieces.slice(0, n), named)}</span>
                </li>
              ))}
            </ol>
          </div>
          <div className="floor-keys">
            <KeyButton keyName="PgUp" label="Back" onPress={() => go(at - 1)} disabled={at === 0} />
            <KeyButton keyName="PgDn" label={`Next of ${steps.length}`} onPress={() => go(at + 1)} disabled={at === steps.length - 1} />
            <KeyButton keyName="F9" label="Packed as planned" tone="primary" onPress={packed} disabled={busy} />
          </div>
        </>
      )}
      {reasons.length > 0 && (
        <p className="faint" role="note">
          {step ? "Not planned: " : "No plan: "}
          {reasons.join("; ")}.
        </p>
      )}
    </section>
  );
}

/** What has no box of the node goes in the carton that it came in. */
const boxName = (code: string) => (code === "" ? "Its own carton" : `Box ${code}`);
