import { ScanLine } from "lucide-react";
import { useEffect, useRef } from "react";

type Props = {
  /** What is expected next. */
  label: string;
  placeholder?: string;
  busy?: boolean;
  /** What was scanned or typed, at Enter; empty when nothing was. */
  onScan: (code: string) => void;
  /** Keys that do something, such as F2; shown on the buttons that do the same. */
  keys?: Readonly<Record<string, () => void>>;
};

/** The one field of a station. It takes every key, wherever the focus went, so that a scanner never types into nothing. */
export function ScanBox({ label, placeholder, busy, onScan, keys }: Props) {
  const field = useRef<HTMLInputElement>(null);
  const handlers = useRef(keys);
  /** Scanned while the server was still at the one before. */
  const waiting = useRef<string[]>([]);
  useEffect(() => {
    handlers.current = keys;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const act = handlers.current?.[event.key];
      if (act) {
        event.preventDefault();
        act();
        return;
      }
      const target = event.target as HTMLElement;
      const isTyping = target.closest("input, textarea, select, [role=dialog], [role=menu]");
      if (!isTyping && event.key.length === 1) field.current?.focus();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
  useEffect(() => {
    if (busy) return;
    field.current?.focus();
    const early = waiting.current.shift();
    if (early !== undefined) onScan(early);
    // Only when it is free again: `onScan` is another function with each drawing.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [busy, label]);
  return (
    <form
      className="scan"
      onSubmit={(event) => {
        event.preventDefault();
        const box = field.current;
        if (!box) return;
        const code = box.value.trim();
        box.value = "";
        if (!busy) onScan(code);
        else if (code) waiting.current.push(code);
      }}
    >
      <ScanLine size={26} aria-hidden />
      <input
        ref={field}
        aria-label={label}
        placeholder={placeholder ?? label}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        enterKeyHint="go"
        autoFocus
      />
    </form>
  );
}
