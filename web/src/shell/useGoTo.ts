import { useNavigate } from "react-router";
import { useKeys } from "@/parts/keys";
import { screens } from "@/screens";
import { openPalette } from "./paletteState";

/** `g o` goes to the orders, and so on; `/` searches. */
export function useGoTo(): void {
  const navigate = useNavigate();
  const keys = screens.flatMap(({ key, path }) => (key ? [[`g ${key}`, () => navigate(path)] as const] : []));
  useKeys({ ...Object.fromEntries(keys), "/": openPalette });
}
