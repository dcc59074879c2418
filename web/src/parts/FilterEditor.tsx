import Button from "@mui/material/Button";
import Checkbox from "@mui/material/Checkbox";
import FormControlLabel from "@mui/material/FormControlLabel";
import TextField from "@mui/material/TextField";
import { useState } from "react";
import { words } from "./Chip";
import type { Filter } from "./filters";
import { isMoving, PRESETS } from "./moving";

type Changes = Record<string, string | null>;
type Props = { filter: Filter; filters: Record<string, string>; apply: (changes: Changes) => void };

/** The form of one filter. Enter applies. */
export function FilterEditor({ filter, filters, apply }: Props) {
  const { field, label, kind } = filter;
  const [changes, setChanges] = useState<Changes>(() => present(filter, filters));
  const set = (name: string, value: string | null) => setChanges((before) => ({ ...before, [name]: value || null }));
  return (
    <form
      className="filter-editor"
      aria-label={`Filter by ${label}`}
      onSubmit={(event) => {
        event.preventDefault();
        apply(changes);
      }}
    >
      <h3>{label}</h3>
      {kind === "choice" && <Choices filter={filter} value={changes[`${field}_in`] ?? ""} set={set} />}
      {kind === "text" && (
        <TextField
          autoFocus
          value={changes[textName(filter)] ?? ""}
          onChange={(event) => set(textName(filter), event.target.value.trim())}
          placeholder={filter.hint ?? (filter.operator === "eq" ? "exactly" : "contains…")}
          slotProps={{ htmlInput: { "aria-label": label } }}
        />
      )}
      {(kind === "date" || kind === "number") && <Range filter={filter} changes={changes} set={set} />}
      {kind === "yes" && (
        <div className="row">
          {["true", "false"].map((value) => (
            <Button key={value} onClick={() => apply({ [`${field}_eq`]: value })}>
              {value === "true" ? "Yes" : "No"}
            </Button>
          ))}
        </div>
      )}
      <div className="row apart">
        <Button variant="text" onClick={() => apply(Object.fromEntries(Object.keys(changes).map((name) => [name, null])))}>
          Remove
        </Button>
        <Button type="submit" variant="contained" color="primary">
          Apply
        </Button>
      </div>
    </form>
  );
}

const textName = (filter: Filter) => `${filter.field}_${filter.kind === "text" ? (filter.operator ?? "cont") : "eq"}`;

/** What the address says about this field, other spellings of the same filter included. */
function present(filter: Filter, filters: Record<string, string>): Changes {
  const { field, kind } = filter;
  const mine = Object.fromEntries(Object.entries(filters).filter(([name]) => name.startsWith(`${field}_`)));
  const single = mine[`${field}_eq`];
  if (kind === "choice" && single !== undefined) return { ...mine, [`${field}_eq`]: null, [`${field}_in`]: single };
  if (kind === "text" && single !== undefined && textName(filter) !== `${field}_eq`) {
    return { ...mine, [`${field}_eq`]: null, [textName(filter)]: single };
  }
  return mine;
}

type Set = (name: string, value: string | null) => void;

function Choices({ filter, value, set }: { filter: Filter; value: string; set: Set }) {
  const chosen = value ? value.split(",") : [];
  const { choices, names } = filter.kind === "choice" ? filter : { choices: [], names: undefined };
  const flip = (choice: string) =>
    set(`${filter.field}_in`, (chosen.includes(choice) ? chosen.filter((c) => c !== choice) : [...chosen, choice]).join(","));
  return (
    <div className="choices">
      {choices.map((choice, at) => (
        <FormControlLabel
          key={choice}
          control={<Checkbox autoFocus={at === 0} checked={chosen.includes(choice)} onChange={() => flip(choice)} />}
          label={names?.[choice] ?? words(choice)}
        />
      ))}
    </div>
  );
}

/** Days are whole days of this browser's zone; numbers include both ends. */
function Range({ filter, changes, set }: { filter: Filter; changes: Changes; set: Set }) {
  const date = filter.kind === "date";
  const [from, to] = date ? [`${filter.field}_gteq`, `${filter.field}_lt`] : [`${filter.field}_gteq`, `${filter.field}_lteq`];
  const shown = (name: string, days: number) => (date ? dayOf(changes[name], days) : (changes[name] ?? ""));
  const said = (text: string, days: number) => (date ? momentOf(text, days) : text);
  const inputs = [
    [from, "From", 0],
    [to, "To", 1],
  ] as const;
  return (
    <div className="stack tight">
      {date && (
        <div className="presets" role="group" aria-label="Times that move with the clock">
          {PRESETS.map((preset) => (
            <button
              key={preset.label}
              type="button"
              aria-pressed={(changes[from] ?? undefined) === preset.from && (changes[to] ?? undefined) === preset.to}
              onClick={() => {
                set(from, preset.from ?? null);
                set(to, preset.to ?? null);
              }}
            >
              {preset.label}
            </button>
          ))}
        </div>
      )}
      {inputs.map(([name, label, days]) => (
        <TextField
          key={name}
          label={label}
          type={filter.kind}
          autoFocus={days === 0}
          value={shown(name, days)}
          onChange={(event) => set(name, said(event.target.value, days))}
        />
      ))}
    </div>
  );
}

export function momentOf(day: string, plusDays: number): string {
  const [year, month, date] = day.split("-").map(Number);
  if (!year || !month || !date) return "";
  return new Date(year, month - 1, date + plusDays).toISOString();
}

export function dayOf(moment: string | null | undefined, plusDays: number): string {
  if (!moment || isMoving(moment)) return "";
  const at = new Date(moment);
  at.setDate(at.getDate() - plusDays);
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")}`;
}
