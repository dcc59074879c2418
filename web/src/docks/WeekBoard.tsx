import { Plus } from "lucide-react";
import { useState } from "react";
import { clockOf, dayText, loadText, momentAt, type CalendarDay, type Dock } from "./calendar";
import { Block } from "./DayBoard";
import type { BoardProps } from "./DockCalendar";

/** Docks below each other, the days of a week side by side. What is dragged to another day keeps its time of day. */
export function WeekBoard(props: BoardProps) {
  const { calendar: c } = props;
  return (
    <div className="dock-week-frame" tabIndex={0} role="group" aria-label="The week, which scrolls sideways">
      <table className="dock-week">
        <thead>
          <tr>
            <th scope="col"><span className="sr-only">Dock</span></th>
            {c.days.map((day) => (
              <th key={day.day} scope="col" data-today={day.day === c.today || undefined} title={day.told}>
                {dayText(day.day)}
                <p className="faint small">{day.open.length === 0 ? "closed" : loadText(day.load)}</p>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {c.docks.map((dock) => (
            <tr key={dock.code}>
              <th scope="row">{dock.code}<p className="faint small">{dock.name}</p></th>
              {c.days.map((day) => <Cell key={day.day} {...props} dock={dock} day={day} />)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ calendar: c, mayBook, open, book, dragged, held, drag, drop, dock, day }: BoardProps & { dock: Dock; day: CalendarDay }) {
  const [isOver, setOver] = useState(false);
  const mine = c.appointments.filter((a) => a.dock === dock.code && a.day === day.day);
  const free = day.open.find((span) => span.ends_at > c.now);
  const first = free && (free.starts_at > c.now ? free.starts_at : c.now);
  const isTarget = mayBook && dock.active;
  return (
    <td
      data-closed={day.open.length === 0 || undefined}
      data-over={isOver || undefined}
      onDragOver={(event) => {
        if (!isTarget) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const what = held();
        if (what?.kind === "appointment") drop({ dock: dock.code, starts_at: momentAt(day.day, clockOf(what.appointment.starts_at, c.time_zone), c.time_zone) });
        else if (first) drop({ dock: dock.code, starts_at: first });
      }}
    >
      <div className="dock-cell">
        {mine.map((a) => (
          <Block key={a.id} appointment={a} calendar={c} mayMove={mayBook && a.next.includes("move")} open={open} drag={drag} isDragged={dragged?.kind === "appointment" && dragged.appointment.id === a.id} />
        ))}
        {mayBook && dock.active && first && (
          <button type="button" className="dock-add" aria-label={`Book dock ${dock.code} on ${dayText(day.day)}`} onClick={() => book({ dock: dock.code, starts_at: first })}>
            <Plus size={14} aria-hidden />
          </button>
        )}
      </div>
    </td>
  );
}
