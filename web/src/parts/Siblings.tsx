import { NavLink } from "react-router";

/** Screens of one noun, as tabs of links. */
export function Siblings({ of, title }: { of: { label: string; to: string }[]; title: string }) {
  return (
    <nav className="tabs" aria-label={`Lists of ${title.toLowerCase()}`}>
      {of.map(({ label, to }) => (
        <NavLink key={to} to={to} end>
          {label}
        </NavLink>
      ))}
    </nav>
  );
}
