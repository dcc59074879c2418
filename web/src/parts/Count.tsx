import { Link } from "react-router";

/** A number that opens the rows behind it. Nothing to open is drawn faintly, and without a link. */
export function Count({ value, to, label }: { value: number; to: string; label?: string }) {
  const text = value.toLocaleString("en-GB").replace("-", "−");
  if (value === 0) return <span className="faint">{text}</span>;
  return (
    <Link to={to} className="count-link" aria-label={label && `${text} ${label}`} onClick={(event) => event.stopPropagation()}>
      {text}
    </Link>
  );
}
