import Dialog from "@mui/material/Dialog";
import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { useCan } from "@/parts/scopes";
import { screens } from "@/screens";
import { closePalette, openPalette, useIsPaletteOpen } from "./paletteState";

/** One box to go anywhere: Ctrl or Cmd with K, or `/`. */
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
  return isOpen ? <Box /> : null;
}

function Box() {
  const can = useCan();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const found = screens.filter((s) => can(s.scope) && s.label.toLowerCase().includes(text.toLowerCase()));
  const go = (path: string | undefined) => {
    if (!path) return;
    closePalette();
    void navigate(path);
  };
  return (
    <Dialog open onClose={closePalette} fullWidth maxWidth="sm" aria-label="Search" classes={{ paper: "palette" }}>
      <div className="palette-input">
        <Search size={16} aria-hidden />
        <input
          autoFocus
          value={text}
          placeholder="Go to…"
          aria-label="Go to"
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
            if (step) setAt(Math.max(0, Math.min(found.length - 1, at + step)));
            else if (event.key === "Enter") go(found[at]?.path);
            else return;
            event.preventDefault();
          }}
        />
      </div>
      <ul className="palette-list">
        {found.map(({ path, label, icon: Icon, key }, index) => (
          <li key={path}>
            <button type="button" data-on={index === at || undefined} onClick={() => go(path)} onPointerMove={() => setAt(index)}>
              <Icon size={15} aria-hidden />
              {label}
              {key && (
                <span className="palette-key" aria-hidden>
                  <kbd>g</kbd> <kbd>{key}</kbd>
                </span>
              )}
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
