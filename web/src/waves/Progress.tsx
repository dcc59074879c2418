import { whole, type Wave } from "./wave";

const STEPS = ["ready", "picking", "picked", "packed", "shipped"] as const;
const SAYS = { ready: "to pick", picking: "being picked", picked: "picked", packed: "packed", shipped: "sent" };

/** How far a wave is, as one bar. */
export function Progress({ of: wave, told }: { of: Pick<Wave, (typeof STEPS)[number]>; told?: boolean }) {
  const all = STEPS.reduce((sum, step) => sum + wave[step], 0);
  const said = STEPS.filter((step) => wave[step] > 0).map((step) => `${whole(wave[step])} ${SAYS[step]}`).join(", ");
  if (all === 0) return <span className="faint">–</span>;
  return (
    <span className="wave-progress">
      <span className="wave-bar" role="img" aria-label={said} title={said}>
        {STEPS.map((step) => wave[step] > 0 && <span key={step} data-step={step} style={{ flexGrow: wave[step] }} />)}
      </span>
      {told && <span className="quiet small">{said}</span>}
    </span>
  );
}
