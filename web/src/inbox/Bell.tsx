import IconButton from "@mui/material/IconButton";
import Tooltip from "@mui/material/Tooltip";
import { Bell as BellIcon } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useKeys } from "@/parts/keys";
import { useUnread } from "./unread";

const Drawer = lazy(() => import("./InboxDrawer"));

/** The way to the inbox, with how many are unread; `g i` opens it. */
export function Bell() {
  const unread = useUnread();
  const [isOpen, setOpen] = useState(false);
  useKeys({ "g i": () => setOpen(true) });
  const label = unread === 0 ? "Inbox" : `Inbox, ${unread} unread`;
  return (
    <>
      <Tooltip title={`${label} (g i)`}>
        <IconButton aria-label={label} aria-haspopup="dialog" onClick={() => setOpen(true)}>
          <BellIcon size={17} />
          {unread > 0 && <span className="bell-count">{unread > 99 ? "99+" : unread}</span>}
        </IconButton>
      </Tooltip>
      {isOpen && (
        <Suspense fallback={null}>
          <Drawer close={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
