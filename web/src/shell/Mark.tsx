export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden className="mark">
      <rect width="32" height="32" rx="8" />
      <path d="M9 11.5 16 8l7 3.5v9L16 24l-7-3.5z" />
      <path d="m9 11.5 7 3.5 7-3.5M16 15v9" />
    </svg>
  );
}
