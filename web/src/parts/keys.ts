import { useEffect, useRef } from "react";

type Keys = Record<string, () => unknown>;

const TYPING = new Set(["INPUT", "TEXTAREA", "SELECT"]);
const SEQUENCE_MS = 900;

/** Whether a key press is meant for something else: a field, an open dialog or menu, a browser's own command. */
function isTaken(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  const target = event.target as HTMLElement | null;
  if (!target) return false;
  const box = target instanceof HTMLInputElement && ["checkbox", "radio", "button"].includes(target.type);
  if ((TYPING.has(target.tagName) && !box) || target.isContentEditable) return true;
  if (event.key === "Enter" && target.closest("a,button")) return true;
  return document.querySelector('[role="dialog"],[role="menu"],[role="listbox"]') !== null;
}

/** Keys of a screen: `{ j: down, "g o": goToOrders }`. The newest handlers are always the ones called. */
export function useKeys(keys: Keys): void {
  const current = useRef(keys);
  useEffect(() => {
    current.current = keys;
  });
  useEffect(() => {
    let first = "";
    let firstAt = 0;
    const press = (event: KeyboardEvent) => {
      if (isTaken(event)) return;
      const both = event.timeStamp - firstAt < SEQUENCE_MS ? `${first} ${event.key}` : "";
      const handler = current.current[both] ?? current.current[event.key];
      first = event.key;
      firstAt = event.timeStamp;
      if (!handler) return;
      event.preventDefault();
      handler();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}
