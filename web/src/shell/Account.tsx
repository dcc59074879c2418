import Divider from "@mui/material/Divider";
import IconButton from "@mui/material/IconButton";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import { useColorScheme } from "@mui/material/styles";
import { Check, LogOut, Monitor, Moon, Sun, UserCog } from "lucide-react";
import { useAuthProvider, useGetIdentity } from "ra-core";
import { useState } from "react";
import { useNavigate } from "react-router";
import { zone } from "@/parts/When";

const MODES = [
  ["system", "As the system", Monitor],
  ["light", "Light", Sun],
  ["dark", "Dark", Moon],
] as const;

/** Who is signed in, the look, and the way out. */
export function Account() {
  const { identity } = useGetIdentity();
  const { mode, setMode } = useColorScheme();
  const auth = useAuthProvider();
  const navigate = useNavigate();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const name = identity?.fullName ?? "";
  const initials = name.split(/\s+/).map((word) => word.charAt(0)).slice(0, 2).join("").toUpperCase();
  return (
    <>
      <IconButton aria-haspopup="menu" onClick={(event) => setAnchor(event.currentTarget)}>
        <span className="avatar" aria-hidden>
          {initials}
        </span>
        <span className="sr-only">Account</span>
      </IconButton>
      <Menu open={anchor !== null} anchorEl={anchor} onClose={() => setAnchor(null)}>
        <li className="menu-about" role="none">
          <p className="strong">{name}</p>
          <p className="faint small">
            {String(identity?.role ?? "")} · times in {zone}
          </p>
        </li>
        <Divider component="li" role="none" />
        <MenuItem
          onClick={() => {
            setAnchor(null);
            void navigate("/account");
          }}
        >
          <UserCog size={14} aria-hidden />
          Your account
        </MenuItem>
        <Divider component="li" role="none" />
        {MODES.map(([value, label, Icon]) => (
          <MenuItem key={value} onClick={() => setMode(value)} role="menuitemradio" aria-checked={mode === value}>
            <Icon size={14} aria-hidden />
            {label}
            {mode === value && <Check size={14} className="menu-check" aria-hidden />}
          </MenuItem>
        ))}
        <Divider component="li" role="none" />
        <MenuItem
          onClick={() => {
            setAnchor(null);
            // A fresh page, so that nothing of this person's is left in memory.
            void auth?.logout({}).then(() => location.assign("/"));
          }}
        >
          <LogOut size={14} aria-hidden />
          Sign out
        </MenuItem>
      </Menu>
    </>
  );
}
