import Dialog from "@mui/material/Dialog";
import { Search } from "lucide-react";
import { useId, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { ask, foundEntry, recentEntries, useScreenEntries, useSearch, type Entry } from "./entries";
import { hereEntries } from "./here";
import { remember } from "./recent";

/**
 * The palette: a screen called just that, then found things, what the page offers, where one can go, and what was open
 * lately. What somebody has moved to stays marked when finds arrive above it.
 */
export default function Box({ close }: { close: () => void }) {
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<string>();
  const list = useRef<HTMLUListElement>(null);
  const ident = useId();
  const search = useSearch(text);
  const screens = useScreenEntries(text);
  const here = useMemo(() => hereEntries(text), [text]);
  const recent = useMemo(() => recentEntries(), []);
  const said = text.trim();
  const found = said ? (search.data?.hits ?? []).map(foundEntry) : [];
  const named = screens.filter((screen) => screen.label.toLowerCase() === said.toLowerCase());
  const others = screens.filter((screen) => !named.includes(screen));
  const entries: Entry[] = said ? [...named, ...found, ...here, ...others] : [...recent.slice(0, 6), ...here, ...screens];
  const marked = Math.max(0, entries.findIndex((entry) => entry.key === chosen));

  const take = (entry: Entry | undefined) => {
    if (!entry) return;
    close();
    if (entry.run) {
      // After the dialog has gone: what is pressed may open one of its own, and wants the focus.
      setTimeout(entry.run, 0);
    } else if (entry.path) {
      if (entry.group === "Found") remember({ label: entry.label, about: entry.about ?? "", path: entry.path });
      void navigate(entry.path);
    }
  };
  const enter = async () => {
    const isBehind = said !== "" && !search.isCurrent && chosen === undefined && named.length === 0;
    if (!isBehind) return take(entries[marked]);
    // A scanner types faster than a search: what it meant is asked now.
    const first = (await ask(said).catch(() => undefined))?.hits[0];
    take(first ? foundEntry(first) : entries[marked]);
  };
  const move = (step: number) => {
    const next = Math.max(0, Math.min(entries.length - 1, marked + step));
    setChosen(entries[next]?.key);
    list.current?.querySelectorAll("[role=option]")[next]?.scrollIntoView({ block: "nearest" });
  };
  return (
    <Dialog open onClose={close} fullWidth maxWidth="sm" aria-label="Search and commands" classes={{ paper: "palette" }}>
      <div className="palette-input">
        <Search size={16} aria-hidden />
        <input
          autoFocus
          value={text}
          role="combobox"
          aria-expanded
          aria-controls={ident}
          aria-activedescendant={entries[marked] ? `${ident}-${marked}` : undefined}
          placeholder="Order, e-mail, SKU, barcode, customer, tracking number…"
          aria-label="Search, or go to"
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => {
            setText(event.target.value);
            setChosen(undefined);
          }}
          onKeyDown={(event) => {
            const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
            if (step) move(step);
            else if (event.key === "Enter") void enter();
            else return;
            event.preventDefault();
          }}
        />
      </div>
      <ul className="palette-list" id={ident} role="listbox" aria-label="Results" ref={list}>
        {entries.map((entry, index) => (
          <Line
            key={entry.key}
            id={`${ident}-${index}`}
            entry={entry}
            heading={entries[index - 1]?.group === entry.group ? undefined : entry.group}
            on={index === marked}
            take={() => take(entry)}
            mark={() => setChosen(entry.key)}
          />
        ))}
      </ul>
      <Foot text={text} search={search} none={entries.length === 0} />
    </Dialog>
  );
}

type LineProps = { id: string; entry: Entry; heading: string | undefined; on: boolean; take: () => void; mark: () => void };

function Line({ id, entry, heading, on, take, mark }: LineProps) {
  const { icon: Icon, label, about, hint } = entry;
  return (
    <>
      {heading && (
        <li className="palette-heading" role="presentation">
          {heading}
        </li>
      )}
      <li id={id} role="option" aria-selected={on} data-on={on || undefined} onClick={take} onPointerMove={mark}>
        <Icon size={15} aria-hidden />
        <span className="palette-label">{label}</span>
        {about && <span className="palette-about">{about}</span>}
        {hint && <span className="palette-key">{/^g .$/.test(hint) ? hint.split(" ").map((key) => <kbd key={key}>{key}</kbd>) : hint}</span>}
      </li>
    </>
  );
}

function Foot({ text, search, none }: { text: string; search: ReturnType<typeof useSearch>; none: boolean }) {
  const hidden = search.data?.hidden ?? [];
  let said = "";
  if (search.error) said = search.error.message;
  else if (text.trim() && search.isFetching && none) said = "Searching…";
  else if (text.trim() && none) said = `Nothing is called “${text.trim()}”.`;
  else if (text.trim() && hidden.length > 0) said = `Not searched, because you may not read it: ${hidden.join(", ")}.`;
  return (
    <div className="palette-foot" aria-live="polite">
      {said || (
        <span aria-hidden>
          <kbd>↑</kbd> <kbd>↓</kbd> move <kbd>↵</kbd> open <kbd>Esc</kbd> close
        </span>
      )}
    </div>
  );
}
