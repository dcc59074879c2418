const STATES = [
  ["done", "done", "ok"],
  ["refused", "refused", "warn"],
  ["failed", "failed", "bad"],
  ["cancelled", "cancelled", "mute"],
] as const;

/** A bar of what became of the rows so far, and the same in words. */
export function Progress({ total, counts }: { total: number; counts: Record<string, number> }) {
  const over = STATES.reduce((sum, [state]) => sum + (counts[state] ?? 0), 0);
  return (
    <div>
      <div className="progress" role="progressbar" aria-label="Rows that are over" aria-valuemin={0} aria-valuemax={total} aria-valuenow={over}>
        {STATES.map(([state, , tone]) => {
          const share = total ? (100 * (counts[state] ?? 0)) / total : 0;
          return share > 0 && <span key={state} data-tone={tone} ref={(bar) => bar?.style.setProperty("width", `${share}%`)} />;
        })}
      </div>
      <p className="quiet">
        {over.toLocaleString("en-GB")} of {total.toLocaleString("en-GB")}
        {STATES.filter(([state]) => counts[state]).map(([state, label]) => ` · ${(counts[state] ?? 0).toLocaleString("en-GB")} ${label}`)}
      </p>
    </div>
  );
}
