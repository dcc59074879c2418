import { TriangleAlert } from "lucide-react";
import { Chip } from "@/parts/Chip";
import { Card } from "@/parts/Page";
import { dayText, loadText, nameOf, spanText } from "./calendar";
import type { BoardProps } from "./DockCalendar";

/** Where there is no room for docks side by side: who comes, one after the other. */
export function Agenda({ calendar: c, open }: BoardProps) {
  return (
    <div className="stack">
      {c.days.map((day) => {
        const mine = c.appointments.filter((a) => a.day === day.day);
        return (
          <Card key={day.day} title={dayText(day.day)} flush>
            <p className="quiet card-line">{day.told}. {loadText(day.load)}.</p>
            {mine.length > 0 && (
              <ul className="dock-agenda">
                {mine.map((a) => (
                  <li key={a.id}>
                    <button type="button" className="dock-agenda-item" data-status={a.status} onClick={() => open(a)}>
                      <span className="row apart"><span className="strong">{spanText(a, c.time_zone)}</span> <Chip state={a.status} /></span>
                      <span>{nameOf(a)}<span className="quiet"> · dock {a.dock}</span></span>
                      {a.remarks.map((remark) => <span key={remark} className="row dock-block-remark"><TriangleAlert size={13} aria-hidden /> {remark}</span>)}
                    </button>
                  </li>
                ))}
              </ul>
            )}
          </Card>
        );
      })}
    </div>
  );
}
