import Button from "@mui/material/Button";
import { Link } from "react-router";
import { noticeHref } from "@/notices/notice";
import { Card } from "@/parts/Page";
import { When } from "@/parts/When";
import type { Calendar, Unbooked } from "./calendar";
import type { BoardProps } from "./DockCalendar";

type Props = { calendar: Calendar; mayBook: boolean; book: (notice: Unbooked) => void; drag: BoardProps["drag"] };

/** Notices that are on their way, or here, and have no dock: what is expected first stands first. */
export function UnbookedList({ calendar: c, mayBook, book, drag }: Props) {
  return (
    <Card title="Expected, without a dock" count={c.unbooked_total} flush>
      {c.unbooked.length === 0 ? (
        <p className="quiet card-line">Every announced delivery has one.</p>
      ) : (
        <ul className="dock-unbooked">
          {c.unbooked.map((n) => (
            <li
              key={n.id}
              draggable={mayBook}
              onDragStart={(event) => {
                event.dataTransfer.effectAllowed = "move";
                event.dataTransfer.setData("text/plain", n.number);
                drag({ kind: "notice", notice: n });
              }}
              onDragEnd={() => drag(null)}
            >
              <div>
                <Link className="link strong" to={noticeHref(n.id)}>{n.number}</Link> {n.supplier}
                <p className="faint small">
                  <When at={n.expected_at} timeZone={c.time_zone} />, {n.units.toLocaleString("en-GB")} units{n.packages > 0 && `, ${n.packages} packages`}
                  {n.status === "arrived" && ", here already"}
                </p>
              </div>
              {mayBook && <Button aria-label={`Book a dock for ${n.number}`} onClick={() => book(n)}>Book</Button>}
            </li>
          ))}
        </ul>
      )}
      {c.unbooked_total > c.unbooked.length && <p className="quiet card-line">The first {c.unbooked.length} are shown.</p>}
    </Card>
  );
}
