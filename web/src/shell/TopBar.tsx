import IconButton from "@mui/material/IconButton";
import Tooltip from "@mui/material/Tooltip";
import { Menu as MenuIcon, Search } from "lucide-react";
import { useIsLive } from "@/api/live";
import { Bell } from "@/inbox/Bell";
import { Account } from "./Account";
import { openPalette } from "./paletteState";

const isMac = /mac/i.test(navigator.userAgent);

export function TopBar({ openNav }: { openNav: () => void }) {
  return (
    <header className="bar">
      <IconButton className="bar-menu" aria-label="Open the navigation" onClick={openNav}>
        <MenuIcon size={18} />
      </IconButton>
      <button type="button" className="bar-search" onClick={openPalette}>
        <Search size={14} aria-hidden />
        <span>Search or go to…</span>
        <kbd>{isMac ? "⌘ K" : "Ctrl K"}</kbd>
      </button>
      <div className="bar-end">
        <Live />
        <Bell />
        <Account />
      </div>
    </header>
  );
}

function Live() {
  const isLive = useIsLive();
  const about = isLive
    ? "Changes appear by themselves"
    : "No connection for live changes; trying again. What you see may be older";
  return (
    <Tooltip title={about}>
      <span className="live" data-on={isLive || undefined} role="status">
        <i aria-hidden />
        {isLive ? "Live" : "Offline"}
      </span>
    </Tooltip>
  );
}
