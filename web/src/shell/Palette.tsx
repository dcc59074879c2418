import { useEffect } from "react";
import { lazy, Suspense } from "react";
import { closePalette, openPalette, useIsPaletteOpen } from "./paletteState";

const Box = lazy(() => import("@/search/Box"));

/** One box to go anywhere, find anything and do what the page offers: Ctrl or Cmd with K, or `/`. */
export function Palette() {
  const isOpen = useIsPaletteOpen();
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      openPalette();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
  if (!isOpen) return null;
  return (
    <Suspense fallback={null}>
      <Box close={closePalette} />
    </Suspense>
  );
}
