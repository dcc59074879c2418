import { TriangleAlert } from "lucide-react";
import { useEffect, useState, type KeyboardEvent } from "react";
import { clockOf, dayText, hoursOf, isHolding, loadText, nameOf, openSlots, placed, spanText, windowOf, type Appointment, type Calendar, type CalendarDay, type Dock, type Window } from "./calendar";
import type { BoardProps } from "./DockCalendar";

const HOUR_PX = 78;
const TICK_MS = 30_000;

/** The server's time, going on by this device's clock. */
export function useNow(said: string): number {
  const [start] = useState(() => Date.now());
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const [{ at, base }, setBase] = useState({ at: said, base: Date.parse(said) - start });
  if (at !== said) setBase({ at: said, base: Date.parse(said) - Date.now() });
  return Date.now() + base;
}

/** Docks side by side, the day from above. */
export function DayBoard(props: BoardProps) {
  const { calendar: c } = props;
  const [day] = c.days;
  const now = useNow(c.now);
  if (!day) return null;
  const window = windowOf(day, c.appointments);
  const height = ((window.until - window.from) / 3_600_000) * HOUR_PX;
  return (
    <div className="dock-day" role="group" aria-label={`Docks on ${dayText(day.day)}`} onKeyDown={walk} style={{ "--docks": c.docks.length, "--day-height": `${height}px` } as React.CSSProperties}>
      <div className="dock-corner" />
      {c.docks.map((dock) => <Head key={dock.code} day={day} dock={dock} />)}
      <div className="dock-rail" aria-hidden>
        {hoursOf(window).map((hour) => (
          <span key={hour} style={{ top: `${placed({ starts_at: hour, ends_at: hour }, window).top}%` }}>{clockOf(hour, c.time_zone)}</span>
        ))}
      </div>
      {c.docks.map((dock) => <Column key={dock.code} {...props} day={day} dock={dock} window={window} now={now} />)}
    </div>
  );
}

function Head({ day, dock }: { day: CalendarDay; dock: Dock }) {
  const load = day.docks.find((each) => each.dock === dock.code);
  return (
    <div className="dock-head">
      <h2>{dock.code} <span className="quiet">{dock.name}</span></h2>
      <p className="faint small">{dock.takes === "anything" ? "" : `${dock.takes} only. `}{load && loadText(load)}</p>
    </div>
  );
}

function Column({ calendar: c, mayBook, open, book, dragged, drag, drop, day, dock, window, now }: BoardProps & { day: CalendarDay; dock: Dock; window: Window; now: number }) {
  const mine = c.appointments.filter((a) => a.dock === dock.code);
  const slots = mayBook && dock.active ? openSlots(day, c.slot_minutes, mine.filter((a) => a.id !== (dragged?.kind === "appointment" ? dragged.appointment.id : null)), now) : [];
  const [over, setOver] = useState<string | null>(null);
  const nowAt = new Date(now).toISOString();
  return (
    <div className="dock-column" data-dragging={dragged ? true : undefined} role="group" aria-label={`Dock ${dock.code}`}>
      {day.open.map((span) => <span key={span.starts_at} className="dock-open" style={percent(span, window)} />)}
      {hoursOf(window).slice(1).map((hour) => <span key={hour} className="dock-line" style={{ top: percent({ starts_at: hour, ends_at: hour }, window).top }} />)}
      {slots.map((slot, n) => (
        <button
          key={slot.starts_at}
          type="button"
          className="dock-slot"
          data-cell
          data-over={over === slot.starts_at || undefined}
          tabIndex={n === 0 ? 0 : -1}
          style={percent(slot, window)}
          aria-label={`Book dock ${dock.code} at ${clockOf(slot.starts_at, c.time_zone)}`}
          onClick={() => book({ dock: dock.code, starts_at: slot.starts_at })}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(slot.starts_at);
          }}
          onDragLeave={() => setOver(null)}
          onDrop={(event) => {
            event.preventDefault();
            setOver(null);
            drop({ dock: dock.code, starts_at: slot.starts_at });
          }}
        >
          <span aria-hidden>{clockOf(slot.starts_at, c.time_zone)}</span>
        </button>
      ))}
      {mine.map((a) => (
        <Block key={a.id} appointment={a} calendar={c} style={percent(a, window)} mayMove={mayBook && a.next.includes("move")} open={open} drag={drag} isDragged={dragged?.kind === "appointment" && dragged.appointment.id === a.id} />
      ))}
      {now >= window.from && now <= window.until && <span className="dock-now" style={{ top: percent({ starts_at: nowAt, ends_at: nowAt }, window).top }} />}
    </div>
  );
}

type BlockProps = {
  appointment: Appointment; calendar: Calendar; style?: React.CSSProperties; mayMove: boolean; isDragged: boolean;
  open: BoardProps["open"]; drag: BoardProps["drag"];
};

export function Block({ appointment: a, calendar: c, style, mayMove, isDragged, open, drag }: BlockProps) {
  // No <button>: there are browsers that do not let one be dragged.
  return (
    <div
      role="button"
      tabIndex={0}
      className="dock-block"
      data-cell
      data-status={a.status}
      data-over={!isHolding(a) || undefined}
      data-dragged={isDragged || undefined}
      style={style}
      draggable={mayMove}
      title={a.remarks.join("\n") || undefined}
      onClick={() => open(a)}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        open(a);
      }}
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", a.number);
        drag({ kind: "appointment", appointment: a });
      }}
      onDragEnd={() => drag(null)}
    >
      <span className="dock-block-name">
        {a.remarks.length > 0 && <TriangleAlert size={13} aria-label="Look at this" />}
        {nameOf(a)}
      </span>
      <span className="dock-block-time">{spanText(a, c.time_zone)}, {a.status}</span>
      <span className="dock-block-more">{[a.notice ?? a.purchase, a.units > 0 && `${a.units.toLocaleString("en-GB")} units`, a.expected_packages > 0 && `${a.expected_packages} ${a.comes_as ?? "packages"}`].filter(Boolean).join(" · ")}</span>
      {a.remarks.map((remark) => <span key={remark} className="dock-block-remark">{remark}</span>)}
    </div>
  );
}

const percent = (span: { starts_at: string; ends_at: string }, window: Window): { top: string; height: string } => {
  const { top, height } = placed(span, window);
  return { top: `${top}%`, height: `${height}%` };
};

const ARROWS: Record<string, [number, number]> = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/** Arrow keys go to the next thing on the board that lies that way: the nearest of those that are beyond this one. */
function walk(event: KeyboardEvent<HTMLElement>) {
  const way = ARROWS[event.key];
  const from = event.target as HTMLElement;
  if (!way || !from.matches("[data-cell]")) return;
  event.preventDefault();
  const [x, y] = way;
  const middle = (element: Element) => {
    const box = element.getBoundingClientRect();
    return [box.left + box.width / 2, box.top + box.height / 2] as const;
  };
  const [fromX, fromY] = middle(from);
  let best: { cell: HTMLElement; far: number } | null = null;
  for (const cell of event.currentTarget.querySelectorAll<HTMLElement>("[data-cell]")) {
    const [toX, toY] = middle(cell);
    const along = x * (toX - fromX) + y * (toY - fromY);
    const aside = Math.abs(y * (toX - fromX)) + Math.abs(x * (toY - fromY));
    const far = along + 3 * aside;
    if (cell !== from && along > 4 && (best === null || far < best.far)) best = { cell, far };
  }
  best?.cell.focus();
}
