import Button from "@mui/material/Button";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import { Ellipsis, type LucideIcon } from "lucide-react";
import { useState, type ComponentType } from "react";
import { Link, useNavigate } from "react-router";
import { words } from "./Chip";
import { useCan } from "./scopes";

export type VerbProps<Subject> = { record: Subject; close: () => void };

/** What the console knows of a step that the server may offer: its words, and the dialog that does it. */
export type Verb<Subject> = {
  label?: string;
  icon?: LucideIcon;
  tone?: "primary" | "error";
  /** Without it the step is not drawn. */
  scope: string;
  dialog?: ComponentType<VerbProps<Subject>>;
  /** A screen of its own instead of a dialog. */
  to?: (record: Subject) => string;
};

type Props<Subject> = {
  record: Subject;
  /** The server's `next`, in its order. */
  next: string[];
  /** In the order in which they are drawn. */
  verbs: Readonly<Record<string, Verb<Subject>>>;
  /** How many stand as buttons; the rest is in a menu. */
  shown?: number;
};

/** One button for each step that the server says is possible now and the caller may take. No rules of its own. */
export function Actions<Subject>({ record, next, verbs, shown = 3 }: Props<Subject>) {
  const can = useCan();
  const navigate = useNavigate();
  const [open, setOpen] = useState<string | null>(null);
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const possible = Object.keys(verbs).filter((step) => next.includes(step) && can(verbs[step]?.scope));
  const buttons = possible.slice(0, possible.length === shown + 1 ? shown + 1 : shown);
  const rest = possible.slice(buttons.length);
  const Dialog = open ? verbs[open]?.dialog : undefined;
  return (
    <>
      {buttons.map((step) => {
        const { label = words(step), icon: Icon, tone, to } = verbs[step] ?? {};
        const press = to ? { component: Link, to: to(record) } : { onClick: () => setOpen(step) };
        return (
          <Button
            key={step}
            variant={tone === "primary" ? "contained" : "outlined"}
            color={tone === "primary" ? "primary" : "inherit"}
            startIcon={Icon && <Icon size={14} />}
            {...press}
          >
            {label}
          </Button>
        );
      })}
      {rest.length > 0 && (
        <Button aria-label="More actions" aria-haspopup="menu" onClick={(event) => setAnchor(event.currentTarget)}>
          <Ellipsis size={16} />
        </Button>
      )}
      <Menu open={anchor !== null} anchorEl={anchor} onClose={() => setAnchor(null)}>
        {rest.map((step) => {
          const { label = words(step), icon: Icon, to } = verbs[step] ?? {};
          return (
            <MenuItem
              key={step}
              onClick={() => {
                setAnchor(null);
                if (to) void navigate(to(record));
                else setOpen(step);
              }}
            >
              {Icon && <Icon size={14} />}
              {label}
            </MenuItem>
          );
        })}
      </Menu>
      {Dialog && <Dialog record={record} close={() => setOpen(null)} />}
    </>
  );
}
