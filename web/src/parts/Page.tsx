import { ChevronRight } from "lucide-react";
import { useEffect, type ReactNode } from "react";
import { Link } from "react-router";

type Crumb = { label: string; to: string };

type Props = {
  title: string;
  /** Shown instead of the plain title, when it is more than text. */
  heading?: ReactNode;
  crumbs?: Crumb[];
  chips?: ReactNode;
  about?: ReactNode;
  actions?: ReactNode;
  /** Lists take the whole height and scroll inside. */
  fill?: boolean;
  children: ReactNode;
};

/** The frame of a screen: where one is, what it is called, what may be done. */
export function Page({ title, heading, crumbs = [], chips, about, actions, fill, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Backoffice`;
  }, [title]);
  return (
    <div className={fill ? "page fill" : "page"}>
      <header className="page-head">
        <div className="page-title">
          {crumbs.length > 0 && (
            <nav aria-label="Where you are" className="crumbs">
              {crumbs.map((crumb) => (
                <span key={crumb.to} className="row">
                  <Link to={crumb.to}>{crumb.label}</Link>
                  <ChevronRight size={13} aria-hidden />
                </span>
              ))}
            </nav>
          )}
          <div className="row wrap">
            <h1>{heading ?? title}</h1>
            {chips}
          </div>
          {about && <div className="quiet page-about">{about}</div>}
        </div>
        {actions && <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

type CardProps = { title?: ReactNode; count?: number; action?: ReactNode; flush?: boolean; children: ReactNode };

/** A titled group. `flush` lets a table reach the edges. */
export function Card({ title, count, action, flush, children }: CardProps) {
  return (
    <section className="card">
      {(title !== undefined || action) && (
        <header className="card-head">
          <h2>
            {title}
            {count !== undefined && <span className="count">{count}</span>}
          </h2>
          {action}
        </header>
      )}
      <div className={flush ? "card-body flush" : "card-body"}>{children}</div>
    </section>
  );
}

/** Main column and a narrower one beside it; one below the other where it is narrow. */
export function Columns({ main, side }: { main: ReactNode; side: ReactNode }) {
  return (
    <div className="columns">
      <div className="stack">{main}</div>
      <aside className="stack">{side}</aside>
    </div>
  );
}

/** Names and values. A value of null is left out. */
export function Facts({ facts }: { facts: [string, ReactNode][] }) {
  return (
    <dl className="facts">
      {facts
        .filter(([, value]) => value !== null && value !== undefined && value !== "")
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
