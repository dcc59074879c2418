import type { Trouble } from "./exception";

const DAY = 86_400_000;
const BANDS = [
  { label: "today", until: 1 },
  { label: "1–2 d", until: 3 },
  { label: "3–6 d", until: 7 },
  { label: "7 d +", until: Infinity },
];

/** How long what is not resolved has waited, as bars of one picture; what is overdue is red. */
export function Ages({ of, total, now = Date.now() }: { of: Pick<Trouble, "opened_at" | "due_at">[]; total: number; now?: number }) {
  const bands = BANDS.map(({ label, until }, at) => {
    const from = BANDS[at - 1]?.until ?? 0;
    const these = of.filter((t) => {
      const days = (now - new Date(t.opened_at).getTime()) / DAY;
      return days >= from && days < until;
    });
    return { label, count: these.length, overdue: these.filter((t) => new Date(t.due_at).getTime() < now).length };
  });
  const most = Math.max(1, ...bands.map((b) => b.count));
  const shown = of.length < total ? `the oldest ${of.length} of ${total}` : `${total}`;
  return (
    <figure className="ages" role="img" aria-label={`Age of ${shown} in trouble: ${bands.map((b) => `${b.label} ${b.count}, ${b.overdue} overdue`).join("; ")}`}>
      {bands.map((b) => (
        <div key={b.label} className="age" title={`${b.count} in trouble for ${b.label}, ${b.overdue} of them overdue`}>
          <span className="age-bar">
            <span className="age-fill" style={{ height: `${(100 * b.count) / most}%` }}>
              <span className="age-late" style={{ height: b.count ? `${(100 * b.overdue) / b.count}%` : 0 }} />
            </span>
          </span>
          <span className="strong small">{b.count}</span>
          <span className="faint small nowrap">{b.label}</span>
        </div>
      ))}
    </figure>
  );
}
