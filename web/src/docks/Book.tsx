import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { useNotify } from "ra-core";
import { useFormContext, useWatch } from "react-hook-form";
import { answer, api, type Shape } from "@/api/client";
import { Problem } from "@/api/problem";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { NumberIn, SelectIn, TextIn } from "@/parts/fields";
import { useSeen } from "@/parts/seen";
import { useTold } from "@/undo/useTold";
import { after, clockOf, COMES_AS, dayText, minutesOf, momentAt, placeOf, spanText, TOUCHES, type AnyAppointment, type Calendar, type Unbooked } from "./calendar";

type Body = Shape<"NewAppointment">;
type Place = { dock: string; day: string; clock: string; minutes: string };
type Values = Place & { notice: string; order: string; comes_as: string; packages: string; carrier: string; note: string };
/** What a place in the calendar needs to know of the node. */
export type At = Pick<Calendar, "node" | "time_zone" | "slot_minutes" | "docks">;

const NONE = " ";
const orNull = (typed: string) => typed.trim() || null;

function spanOf({ day, clock, minutes }: Place, zone: string) {
  const starts_at = momentAt(day, clock, zone);
  return { starts_at, ends_at: after(starts_at, Number(minutes)) };
}

/** The order that somebody typed the number of. Throws Problem where there is none. */
async function orderBy(number: string): Promise<string> {
  const { data } = await answer(api.GET("/api/v1/purchase-orders", { params: { query: { number_eq: number.toUpperCase(), limit: 1 } } }));
  const [found] = data;
  if (found) return found.id;
  const message = `There is no purchase order ${number}.`;
  throw new Problem(404, { code: "not_found", message, details: {}, fields: [{ field: "order", message }], request_id: "" });
}

type BookProps = { at: At; dock: string; starts_at: string; notice?: Unbooked; unbooked: Unbooked[]; close: () => void };

/** A dock for a notice, an order, or for whatever comes. */
export function Book({ at, dock, starts_at, notice, unbooked, close }: BookProps) {
  const notify = useNotify();
  const book = useWrite(
    async ({ order, body }: { order: string; body: Body }, once) => {
      const purchase_id = order ? await orderBy(order) : null;
      return answer(api.POST("/api/v1/appointments", { body: { ...body, purchase_id }, ...once }));
    },
    { touches: TOUCHES, done: ({ number, dock: place, starts_at: then }) => notify(`${number} is booked at dock ${place}, ${clockOf(then, at.time_zone)}.`) },
  );
  const { day, clock } = placeOf(starts_at, at.time_zone);
  const offered = notice && !unbooked.some((one) => one.id === notice.id) ? [notice, ...unbooked] : unbooked;
  return (
    <Ask<Values, { order: string; body: Body }>
      title={notice ? `A dock for ${notice.number} of ${notice.supplier}` : `Book a dock at ${at.node}`}
      about={notice && <>Expected {dayText(placeOf(notice.expected_at, at.time_zone).day)}, {clockOf(notice.expected_at, at.time_zone)}.</>}
      verb="Book it"
      width="sm"
      values={{
        dock, day, clock, minutes: String(at.slot_minutes), notice: notice?.id ?? NONE, order: "", comes_as: NONE,
        packages: notice?.packages ? String(notice.packages) : "", carrier: notice?.carrier ?? "", note: "",
      }}
      input={({ order, notice: chosen, comes_as, packages, carrier, note, ...place }) => ({
        order: order.trim(),
        body: {
          node: at.node,
          dock: place.dock,
          ...spanOf(place, at.time_zone),
          notice_id: orNull(chosen),
          comes_as: orNull(comes_as) as Body["comes_as"],
          packages: packages ? Number(packages) : null,
          carrier: orNull(carrier),
          note: orNull(note),
        },
      })}
      write={book}
      close={close}
      helps={(refused) => <Instead refused={refused} zone={at.time_zone} />}
    >
      <WhereAndWhen at={at} />
      <div className="form-grid">
        <SelectIn
          name="notice"
          label="Ship notice"
          choices={[{ value: NONE, label: "None" }, ...offered.map((n) => ({ value: n.id, label: `${n.number} · ${n.supplier} ${n.reference}` }))]}
        />
        <TextIn name="order" label="Purchase order" mono placeholder="PO100023" help="Where nothing was announced" />
      </div>
      <div className="form-grid">
        <SelectIn name="comes_as" label="Comes as" choices={COMES_AS} />
        <NumberIn name="packages" label="How many" min={1} />
        <TextIn name="carrier" label="Carrier" />
      </div>
      <TextIn name="note" label="Note" />
    </Ask>
  );
}

/** Another dock or time. */
export function Move({ at, appointment: a, to, close }: { at: At; appointment: AnyAppointment; to?: { dock: string; starts_at: string }; close: () => void }) {
  const told = useTold(TOUCHES);
  const seen = useSeen(a.version);
  const move = useWrite(
    (body: Shape<"AppointmentChange">, once) =>
      answer(api.POST("/api/v1/appointments/{appointment_id}/change", { params: { path: { appointment_id: a.id } }, body, ...once })),
    { touches: TOUCHES, done: (now) => told(`${now.number}: dock ${now.dock}, ${spanText(now, at.time_zone)}`, now.undo) },
  );
  const { day, clock } = placeOf(to?.starts_at ?? a.starts_at, at.time_zone);
  return (
    <Ask<Place & { reason: string }, Shape<"AppointmentChange">>
      title={`Another time for ${a.number}`}
      about={`It has dock ${a.dock}, ${dayText(placeOf(a.starts_at, at.time_zone).day)}, ${spanText(a, at.time_zone)}.`}
      verb="Move it"
      width="sm"
      values={{ dock: to?.dock ?? a.dock, day, clock, minutes: String(minutesOf(a)), reason: "" }}
      input={({ reason, ...place }) => ({ dock: place.dock, ...spanOf(place, at.time_zone), reason: orNull(reason), version: seen.version })}
      write={move}
      close={close}
      seen={seen}
      what="appointment"
      helps={(refused) => <Instead refused={refused} zone={at.time_zone} />}
    >
      <WhereAndWhen at={at} />
      <TextIn name="reason" label="Why" />
    </Ask>
  );
}

function WhereAndWhen({ at }: { at: At }) {
  const docks = at.docks.filter((d) => d.active).map((d) => ({ value: d.code, label: d.takes === "anything" ? `${d.code} · ${d.name}` : `${d.code} · ${d.name}, ${d.takes}` }));
  return (
    <>
      <div className="form-grid">
        <SelectIn name="dock" label="Dock" choices={docks} required autoFocus />
        <TextIn name="day" label="Day" type="date" required />
        <TextIn name="clock" label="From" type="time" required help={at.time_zone} />
        <NumberIn name="minutes" label="Minutes" min={5} required />
      </div>
      <FreeTimes at={at} />
    </>
  );
}

/** What is free on the day that stands in the form; pressing one writes it there. */
function FreeTimes({ at }: { at: At }) {
  const { setValue } = useFormContext();
  const [day, minutes, dock] = useWatch({ name: ["day", "minutes", "dock"] }) as [string, string, string];
  const length = Number(minutes);
  const isSaid = /^\d{4}-\d{2}-\d{2}$/.test(day) && Number.isInteger(length) && length >= 5 && length <= 1440;
  const asked = useQuery({
    queryKey: ["appointments", "free", at.node, day, length],
    queryFn: () => answer(api.GET("/api/v1/nodes/{node}/free-slots", { params: { path: { node: at.node }, query: { day, minutes: length, limit: 200 } } })),
    enabled: isSaid,
    placeholderData: (before) => before,
  });
  if (!isSaid || !asked.data) return null;
  const { slots } = asked.data;
  const here = slots.filter((slot) => slot.dock === dock);
  const shown = here.length > 0 ? here : slots;
  if (shown.length === 0) return <p className="quiet">Nothing of that length is free on {dayText(day)}.</p>;
  return (
    <fieldset className="free-times">
      <legend>{here.length > 0 ? "Free then" : `Dock ${dock} is not free then, others are`}</legend>
      {shown.slice(0, 12).map((slot) => (
        <button
          key={`${slot.dock} ${slot.starts_at}`}
          type="button"
          className="free-time"
          onClick={() => {
            setValue("dock", slot.dock);
            setValue("clock", clockOf(slot.starts_at, at.time_zone));
          }}
        >
          {clockOf(slot.starts_at, at.time_zone)}
          {here.length === 0 && ` ${slot.dock}`}
        </button>
      ))}
    </fieldset>
  );
}

/** Writes the slot that a refusal names instead into the form. */
function Instead({ refused, zone }: { refused: Problem; zone: string }) {
  const { setValue } = useFormContext();
  const { next_dock: dock, next_starts_at: starts_at } = refused.details;
  if (typeof dock !== "string" || typeof starts_at !== "string") return null;
  const { day, clock } = placeOf(starts_at, zone);
  return (
    <Button
      onClick={() => {
        setValue("dock", dock);
        setValue("day", day);
        setValue("clock", clock);
      }}
    >
      Take {dayText(day)}, {clock} at {dock}
    </Button>
  );
}
