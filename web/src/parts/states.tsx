import Button from "@mui/material/Button";
import { CircleAlert, CloudOff, Inbox, RefreshCw, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { NoAnswer, Problem } from "@/api/problem";

/** Nothing to show, and what to do about it. */
export function Empty({ icon: Icon = Inbox, title, children }: { icon?: LucideIcon; title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <Icon size={22} strokeWidth={1.6} aria-hidden />
      <p className="strong">{title}</p>
      {children && <div className="quiet">{children}</div>}
    </div>
  );
}

/** The server's own sentence, with the id under which its log has more. */
export function ProblemNote({ problem, retry, children }: { problem: unknown; retry?: () => void; children?: ReactNode }) {
  if (!problem) return null;
  const away = problem instanceof NoAnswer;
  const sentence = problem instanceof Error ? problem.message : "That did not work.";
  const requestId = problem instanceof Problem ? problem.requestId : "";
  const Icon = away ? CloudOff : CircleAlert;
  return (
    <div className="problem" role="alert">
      <Icon size={16} aria-hidden />
      <div>
        <p>{sentence}</p>
        {children}
        {requestId && (
          <p className="faint small">
            Request <code>{requestId}</code>
          </p>
        )}
      </div>
      {retry && (
        <Button onClick={retry} startIcon={<RefreshCw size={14} />}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** Grey bars where a card's lines will be. */
export function Loading({ lines = 3 }: { lines?: number }) {
  return (
    <div className="stack tight" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, i) => (
        <span key={i} className="bone" data-width={i % 3} />
      ))}
    </div>
  );
}

type Asked<T> = { data: T | undefined; error: unknown; isPending: boolean; refetch: () => unknown };

type LoadedProps<T> = {
  query: Asked<T>;
  lines?: number;
  /** Stands around the bones and the problem, where what came brings a frame of its own. */
  frame?: (inside: ReactNode) => ReactNode;
  children: (data: T) => ReactNode;
};

/** Draws a query: bones, the problem, or what came. A problem beside older data leaves the data there. */
export function Loaded<T>({ query, lines, frame = same, children }: LoadedProps<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return frame(<ProblemNote problem={query.error} retry={() => void query.refetch()} />);
  return frame(<Loading lines={lines} />);
}

const same = (inside: ReactNode) => inside;
