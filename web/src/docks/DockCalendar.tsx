import Button from "@mui/material/Button";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import useMediaQuery from "@mui/material/useMediaQuery";
import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight, MapPin, Plus, Warehouse } from "lucide-react";
import { useRef, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { answer, api } from "@/api/client";
import { Problem } from "@/api/problem";
import { useWrite } from "@/api/write";
import { useNodes } from "@/parts/NodeIn";
import { Page } from "@/parts/Page";
import { useCan } from "@/parts/scopes";
import { Empty, Loaded, Loading, ProblemNote } from "@/parts/states";
import { useTold } from "@/undo/useTold";
import "@/look/docks.css";
import { Agenda } from "./Agenda";
import { Book } from "./Book";
import { addDays, after, clockOf, dayText, minutesOf, mondayOf, spanText, TOUCHES, type Appointment, type Calendar, type Dragged, type Unbooked } from "./calendar";
import { DayBoard } from "./DayBoard";
import { Opened } from "./Opened";
import { UnbookedList } from "./UnbookedList";
import { WeekBoard } from "./WeekBoard";

const KEPT = "backoffice-node";
const AGAIN_MS = 60_000;

/** Where something is put: a dock, and when. */
export type Spot = { dock: string; starts_at: string };
export type BoardProps = {
  calendar: Calendar;
  mayBook: boolean;
  open: (appointment: Appointment) => void;
  book: (spot: Spot) => void;
  /** What is drawn as being dragged; `held` knows it at once. */
  dragged: Dragged | null;
  held: () => Dragged | null;
  drag: (what: Dragged | null) => void;
  drop: (spot: Spot) => void;
};

export function DockCalendar() {
  const nodes = useNodes();
  const [address, setAddress] = useSearchParams();
  const known = nodes.data?.data ?? [];
  const wanted = address.get("node") ?? localStorage.getItem(KEPT);
  const node = known.find((one) => one.code === wanted)?.code ?? known[0]?.code;
  const go = (changes: Record<string, string | null>) =>
    setAddress((before) => {
      const next = new URLSearchParams(before);
      for (const [name, value] of Object.entries(changes)) {
        if (value === null) next.delete(name);
        else next.set(name, value);
      }
      return next;
    });
  if (!nodes.data)
    return <Page title="Dock calendar">{nodes.error ? <ProblemNote problem={nodes.error} retry={() => void nodes.refetch()} /> : <Loading lines={8} />}</Page>;
  if (!node)
    return (
      <Page title="Dock calendar">
        <Empty icon={MapPin} title="There is no warehouse yet">Add one under <Link className="link" to="/nodes">Nodes and bins</Link>.</Empty>
      </Page>
    );
  return (
    <OfNode
      node={node}
      nodes={known.map(({ code, name }) => ({ code, name }))}
      day={address.get("day")}
      at={address.get("at")}
      isWeek={address.get("view") === "week"}
      go={(changes) => {
        if (changes.node) localStorage.setItem(KEPT, changes.node);
        go(changes);
      }}
    />
  );
}

type OfNodeProps = {
  node: string; nodes: { code: string; name: string }[]; day: string | null; at: string | null; isWeek: boolean; go: (changes: Record<string, string | null>) => void;
};

function OfNode({ node, nodes, day, at, isWeek, go }: OfNodeProps) {
  const asked = useQuery({
    queryKey: ["appointments", "calendar", node, day, at, isWeek],
    queryFn: () => {
      const query = isWeek && day ? { day: mondayOf(day), days: 7 } : { day: day ?? undefined, at: (!day && at) || undefined, days: isWeek ? 7 : 1 };
      return answer(api.GET("/api/v1/nodes/{node}/dock-calendar", { params: { path: { node }, query } }));
    },
    placeholderData: (before) => (before?.node === node ? before : undefined),
    refetchInterval: AGAIN_MS, // remarks depend on the time
  });
  const shown = day ?? asked.data?.days[0]?.day;
  const step = (count: number) => shown && go({ day: addDays(shown, count * (isWeek ? 7 : 1)) });
  return (
    <Page
      title="Dock calendar"
      about={<Link className="link" to={`/docks/list?node_eq=${node}`}>All appointments</Link>}
      actions={
        <>
          {nodes.length > 1 && (
            <TextField select className="dock-pick" size="small" label="Node" value={node} onChange={(event) => go({ node: event.target.value })}>
              {nodes.map(({ code, name }) => <MenuItem key={code} value={code}>{code} · {name}</MenuItem>)}
            </TextField>
          )}
          <div className="tabs dock-views" role="tablist" aria-label="How much is shown">
            <button type="button" role="tab" aria-selected={!isWeek} onClick={() => go({ view: null })}>Day</button>
            {/* A week begins on its Monday, whichever day was shown. */}
            <button type="button" role="tab" aria-selected={isWeek} onClick={() => go({ view: "week", day: shown ?? null })}>Week</button>
          </div>
          <div className="row">
            <Button aria-label={isWeek ? "The week before" : "The day before"} onClick={() => step(-1)}><ChevronLeft size={16} /></Button>
            <TextField
              type="date" className="dock-pick" size="small" label={isWeek ? "Week of" : "Day"} value={shown ?? ""} slotProps={{ inputLabel: { shrink: true } }}
              onChange={(event) => event.target.value && go({ day: event.target.value })}
            />
            <Button aria-label={isWeek ? "The week after" : "The day after"} onClick={() => step(1)}><ChevronRight size={16} /></Button>
            <Button onClick={() => go({ day: isWeek ? (asked.data?.today ?? null) : null, at: null })}>Today</Button>
          </div>
        </>
      }
    >
      <Loaded query={asked} lines={8}>
        {(calendar) => (
          <>
            {asked.error && <ProblemNote problem={asked.error} retry={() => void asked.refetch()} />}
            <Shown calendar={calendar} isWeek={isWeek} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Shown({ calendar: c, isWeek }: { calendar: Calendar; isWeek: boolean }) {
  const isNarrow = useMediaQuery("(max-width: 760px)");
  const mayBook = useCan()("write_stock");
  const [opened, setOpened] = useState<Appointment | null>(null);
  const [booking, setBooking] = useState<{ spot: Spot; notice?: Unbooked } | null>(null);
  const [dragged, setDragged] = useState<Dragged | null>(null);
  const held = useRef<Dragged | null>(null);
  const drag = (what: Dragged | null) => {
    held.current = what;
    // What lies under a block becomes a place to drop it only after the browser has taken its picture.
    setTimeout(() => setDragged(what));
  };
  const told = useTold(TOUCHES);
  const move = useWrite(
    ({ appointment, ...body }: Spot & { appointment: Appointment }, once) =>
      answer(
        api.POST("/api/v1/appointments/{appointment_id}/change", {
          params: { path: { appointment_id: appointment.id } },
          body: { ...body, ends_at: after(body.starts_at, minutesOf(appointment)), version: appointment.version },
          ...once,
        }),
      ),
    { touches: TOUCHES, done: (now) => told(`${now.number}: dock ${now.dock}, ${spanText(now, c.time_zone)}`, now.undo) },
  );
  const first = c.docks.find((dock) => dock.active);
  const [day] = c.days;
  if (!first || !day)
    return (
      <Empty icon={Warehouse} title={`${c.node} has no docks yet`}>
        Say where lorries are unloaded, and when goods are taken in, on the page of <Link className="link" to={`/nodes/${c.node}`}>{c.node}</Link>.
      </Empty>
    );
  /** Where a booking starts from that was asked for without a place: what is free next, as far as the calendar shows. */
  const anywhere = (notice?: Unbooked): Spot => {
    const from = notice && notice.expected_at > c.now ? notice.expected_at : c.now;
    const open = c.days.flatMap((each) => each.open).find((span) => span.ends_at > from);
    const starts_at = open && open.starts_at > from ? open.starts_at : roundedUp(from, c.slot_minutes);
    return { dock: first.code, starts_at };
  };
  const board: BoardProps = {
    calendar: c,
    mayBook,
    open: setOpened,
    book: (spot) => setBooking({ spot }),
    dragged,
    held: () => held.current,
    drag,
    drop: (spot) => {
      const what = held.current;
      if (what?.kind === "appointment") move.mutate({ ...spot, appointment: what.appointment });
      else if (what) setBooking({ spot, notice: what.notice });
      drag(null);
    },
  };
  const Board = isNarrow ? Agenda : isWeek ? WeekBoard : DayBoard;
  return (
    <div className="stack">
      {c.hours_are_usual && (
        <p className="note">
          Nobody has said when {c.node} takes goods in, so the usual hours are shown. They are kept on the page of{" "}
          <Link className="link" to={`/nodes/${c.node}`}>{c.node}</Link>.
        </p>
      )}
      <ProblemNote problem={move.error}>
        <div className="row wrap">
          <TakeNext problem={move.error} zone={c.time_zone} take={(spot) => move.variables && move.mutate({ ...spot, appointment: move.variables.appointment })} />
          <Button onClick={move.reset}>Leave it where it is</Button>
        </div>
      </ProblemNote>
      <div className="dock-board" data-week={isWeek || undefined}>
        <div className="stack tight">
          {mayBook && (
            <div className="row apart wrap">
              <span className="quiet">{isWeek ? `${dayText(day.day)} to ${dayText(c.days.at(-1)?.day ?? day.day)}.` : !isNarrow && `${day.told}.`} Times are those of {c.time_zone}.</span>
              <Button variant="contained" color="primary" startIcon={<Plus size={14} />} onClick={() => setBooking({ spot: anywhere() })}>Book a dock</Button>
            </div>
          )}
          <Board {...board} />
        </div>
        <UnbookedList
          calendar={c}
          mayBook={mayBook}
          book={(notice) => setBooking({ spot: anywhere(notice), notice })}
          drag={drag}
        />
      </div>
      {opened && <Opened at={c} appointment={c.appointments.find((a) => a.id === opened.id) ?? opened} close={() => setOpened(null)} />}
      {booking && <Book at={c} dock={booking.spot.dock} starts_at={booking.spot.starts_at} notice={booking.notice} unbooked={c.unbooked} close={() => setBooking(null)} />}
    </div>
  );
}

function roundedUp(at: string, minutes: number): string {
  const step = minutes * 60_000;
  return new Date(Math.ceil(Date.parse(at) / step) * step).toISOString();
}

/** A refused move may name a slot that is free: one press takes it. */
function TakeNext({ problem, zone, take }: { problem: unknown; zone: string; take: (spot: Spot) => void }) {
  if (!(problem instanceof Problem)) return null;
  const { next_dock: dock, next_starts_at: starts_at } = problem.details as { next_dock?: string | null; next_starts_at?: string | null };
  if (!dock || !starts_at) return null;
  return <Button onClick={() => take({ dock, starts_at })}>Move it to {clockOf(starts_at, zone)} at {dock}</Button>;
}
