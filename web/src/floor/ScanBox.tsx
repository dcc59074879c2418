import { ScanLine } from "lucide-react";
import { useContext, useEffect, useLayoutEffect, useReducer, useRef } from "react";
import { ScannedHere } from "./scanned";

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
  const scanned = useContext(ScannedHere);
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
  useLayoutEffect(() => {
    const box = field.current;
    if (!box) return;
    box.value = scanned.takeUp();
    return () => scanned.putAside(box.value);
  }, [scanned]);
  useEffect(() => {
    if (!busy) field.current?.focus();
  }, [busy, label]);
  const [turn, next] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    if (busy || !scanned.isWaiting) return;
    // One at a time, and only when what the one before began would be known here.
    const timer = setTimeout(() => {
      const early = scanned.next();
      if (early === undefined) return;
      onScan(early);
      next();
    });
    return () => clearTimeout(timer);
  }, [busy, onScan, scanned, turn]);
  return (
    <form
      className="scan"
      onSubmit={(event) => {
        event.preventDefault();
        const box = field.current;
        if (!box) return;
        const code = box.value.trim();
        box.value = "";
        if (!busy && !scanned.isWaiting) onScan(code);
        else if (code) scanned.queue(code);
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
