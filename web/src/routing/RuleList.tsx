import Button from "@mui/material/Button";
import Checkbox from "@mui/material/Checkbox";
import IconButton from "@mui/material/IconButton";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { ArrowDown, ArrowUp, GripVertical, Plus, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Chip } from "@/parts/Chip";
import { fresh, KINDS, moved, textOf, told, type Rule } from "./rules";

type Props = { rules: Rule[]; change?: (rules: Rule[]) => void };

const middleOf = (row: Element) => {
  const { top, bottom } = row.getBoundingClientRect();
  return (top + bottom) / 2;
};

/** Rules in the order in which they are asked. With `change` they can be dragged, or moved with Alt and an arrow key. */
export function RuleList({ rules, change }: Props) {
  const [dragged, setDragged] = useState<number | null>(null);
  const [said, setSaid] = useState("");
  const list = useRef<HTMLOListElement>(null);
  const move = (from: number, to: number) => {
    const rule = rules[from];
    if (!change || !rule || to < 0 || to >= rules.length) return;
    change(moved(rules, from, to));
    setSaid(`${KINDS[rule.kind].label} is rule ${to + 1} of ${rules.length}.`);
  };
  useEffect(() => {
    if (dragged === null) return;
    const over = (event: PointerEvent) => {
      const rows = [...(list.current?.children ?? [])];
      const to = rows.filter((row, at) => at !== dragged && middleOf(row) < event.clientY).length;
      if (to === dragged) return;
      move(dragged, to);
      setDragged(to);
    };
    const end = () => setDragged(null);
    const heard = { pointermove: over, pointerup: end, pointercancel: end };
    for (const [name, hear] of Object.entries(heard)) window.addEventListener(name, hear as EventListener);
    return () => {
      for (const [name, hear] of Object.entries(heard)) window.removeEventListener(name, hear as EventListener);
    };
  });
  return (
    <>
      <ol className="rule-list" ref={list}>
        {rules.map((rule, at) => (
          <li
            key={rule.kind}
            className="rule-row"
            data-off={rule.active === false || undefined}
            data-dragged={dragged === at || undefined}
          >
            {change && (
              <button
                type="button"
                className="rule-grip"
                aria-label={`Move ${KINDS[rule.kind].label}: drag, or Alt and an arrow key`}
                onPointerDown={() => setDragged(at)}
                onKeyDown={(event) => {
                  if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
                  event.preventDefault();
                  move(at, at + (event.key === "ArrowUp" ? -1 : 1));
                }}
              >
                <GripVertical size={16} aria-hidden />
              </button>
            )}
            <OneRule rule={rule} at={at} change={change && ((next) => change(rules.map((r, n) => (n === at ? next : r))))} />
            {change && (
              <span className="rule-verbs">
                <IconButton aria-label={`${KINDS[rule.kind].label} earlier`} disabled={at === 0} onClick={() => move(at, at - 1)}>
                  <ArrowUp size={15} />
                </IconButton>
                <IconButton aria-label={`${KINDS[rule.kind].label} later`} disabled={at === rules.length - 1} onClick={() => move(at, at + 1)}>
                  <ArrowDown size={15} />
                </IconButton>
                <IconButton aria-label={`Remove ${KINDS[rule.kind].label}`} onClick={() => change(rules.filter((_, n) => n !== at))}>
                  <Trash2 size={15} />
                </IconButton>
              </span>
            )}
          </li>
        ))}
      </ol>
      <p className="sr-only" role="status">{said}</p>
      {change && <AddRule rules={rules} change={change} />}
    </>
  );
}

function OneRule({ rule, at, change }: { rule: Rule; at: number; change?: (rule: Rule) => void }) {
  const { label, said, excludes } = KINDS[rule.kind];
  return (
    <div className="rule-what">
      <div className="row wrap">
        <span className="rule-place" aria-hidden>{at + 1}</span>
        <span className="strong">{label}</span>
        {excludes && <Chip state="excludes" tone="warn" />}
        {change ? (
          <span className="row small quiet">
            <Checkbox
              size="small"
              checked={rule.active !== false}
              onChange={(event) => change({ ...rule, active: event.target.checked })}
              slotProps={{ input: { "aria-label": `${label} is on` } }}
            />
            on
          </span>
        ) : (
          rule.active === false && <Chip state="inactive" label="Off" />
        )}
      </div>
      <p className="quiet small">{said}</p>
      <Told rule={rule} change={change} />
    </div>
  );
}

const HINTS = {
  nodes: "Codes of nodes: LON, RTM",
  countries: "A line for each node: LON: GB IE",
  classes: "A line for each node: LON: 3 2.1",
  markets: "A line for each market: DE AT CH",
};

/** What the rule is told, as text that is kept as it is typed. */
function Told({ rule, change }: { rule: Rule; change?: (rule: Rule) => void }) {
  const { needs, unit, label } = KINDS[rule.kind];
  const [text, setText] = useState(() => textOf(rule));
  if (needs === "nothing") return null;
  if (!change) return <p className="mono small rule-told">{textOf(rule) || "–"}{unit && ` ${unit}`}</p>;
  const several = needs !== "limit" && needs !== "nodes";
  return (
    <TextField
      size="small"
      className={needs === "limit" ? "rule-limit" : undefined}
      fullWidth={needs !== "limit"}
      multiline={several}
      minRows={several ? 2 : undefined}
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        change(told(rule, event.target.value));
      }}
      helperText={needs === "limit" ? unit : HINTS[needs]}
      slotProps={{ htmlInput: { "aria-label": `${label}: ${needs === "limit" ? unit : HINTS[needs]}`, className: "mono", inputMode: needs === "limit" ? "numeric" : undefined, autoComplete: "off" } }}
    />
  );
}

function AddRule({ rules, change }: { rules: Rule[]; change: (rules: Rule[]) => void }) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const left = (Object.keys(KINDS) as Rule["kind"][]).filter((kind) => !rules.some((rule) => rule.kind === kind));
  if (left.length === 0) return null;
  return (
    <>
      <Button startIcon={<Plus size={14} />} aria-haspopup="menu" onClick={(event) => setAnchor(event.currentTarget)}>
        Add a rule
      </Button>
      <Menu open={anchor !== null} anchorEl={anchor} onClose={() => setAnchor(null)}>
        {left.map((kind) => (
          <MenuItem
            key={kind}
            onClick={() => {
              setAnchor(null);
              change([...rules, fresh(kind)]);
            }}
          >
            {KINDS[kind].label}
          </MenuItem>
        ))}
      </Menu>
    </>
  );
}
