import { Zap } from "lucide-react";
import type { Entry } from "./entries";

/**
 * What may be done with what is open: the buttons of the page, which the server's `next` drew. The palette
 * presses them, so that it can never offer what the page does not.
 */
export function hereEntries(text: string): Entry[] {
  const said = text.trim().toLowerCase();
  const buttons = [...document.querySelectorAll<HTMLElement>("#content .page-actions :is(button, a), #content .bulk-bar button")];
  return buttons
    .filter((button) => !(button as HTMLButtonElement).disabled && button.offsetParent !== null)
    .map((button, at) => ({ button, at, label: (button.textContent ?? "").trim() }))
    .filter(({ label }) => label !== "" && label.toLowerCase().includes(said))
    .map(({ button, at, label }) => ({ key: `here:${at}:${label}`, group: "Here", label, icon: Zap, run: () => button.click() }));
}
