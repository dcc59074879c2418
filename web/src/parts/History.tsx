import { memo, type ReactNode } from "react";
import { When } from "./When";

export type Happened = { at: string; title: ReactNode; actor: string; why?: string | null; tone?: "note" | "audit"; detail?: ReactNode };

/** `user:0197…` is a person, `key:…` a program, the rest agents and flows. */
export function actorText(actor: string, names: Record<string, string> = {}): string {
  const known = names[actor];
  if (known) return known;
  const [kind = "", id = ""] = actor.split(":");
  if (kind === "agent" || kind === "system" || kind === "flow" || kind === "provider") return id ? `${id} (${kind})` : kind;
  return id ? `${kind} ${id.slice(-6)}` : actor;
}

/** What happened to a record, newest on top: when, what, why, who. */
export const History = memo(function History({ entries, names }: { entries: Happened[]; names?: Record<string, string> }) {
  return (
    <ol className="history">
      {entries.map((entry, at) => (
        <li key={`${entry.at}-${at}`} data-tone={entry.tone}>
          <span className="history-dot" aria-hidden />
          <div className="history-body">
            <div className="row apart">
              <span className="history-title">{entry.title}</span>
              <span className="faint small">
                <When at={entry.at} />
              </span>
            </div>
            {entry.why && <p className="quiet">{entry.why}</p>}
            <p className="faint small">{actorText(entry.actor, names)}</p>
            {entry.detail}
          </div>
        </li>
      ))}
    </ol>
  );
});
