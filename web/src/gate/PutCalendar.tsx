import { useNotify } from "ra-core";
import { useWatch } from "react-hook-form";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { TextIn, YesNo } from "@/parts/fields";
import { NodeIn } from "@/parts/NodeIn";
import { useSeen } from "@/parts/seen";
import { DAYS, datesOf, daysOf, USUAL, weekOf, type Collecting, type DayValues } from "./gate";

export type Calendar = Shape<"CarrierCalendar">;
type Body = Shape<"CalendarBody">;
type Values = { node: string; carrier: string; days: DayValues[]; closed: string; account: string; daily: boolean; active: boolean };
type Input = { node: string; carrier: string; body: Body };

const FIRST: DayValues[] = DAYS.map((_, weekday) => ({ ...USUAL, on: weekday < 5 }));

export function PutCalendar({ calendar, close }: { calendar?: Calendar; close: () => void }) {
  const notify = useNotify();
  const seen = useSeen(calendar?.version ?? 0);
  const put = useWrite(
    ({ node, carrier, body }: Input, once) =>
      answer(api.PUT("/api/v1/nodes/{node}/carrier-calendars/{carrier}", { params: { path: { node, carrier } }, body, ...once })),
    { touches: ["carrier-calendars"], done: () => notify("Labels from now on are chosen by it.") },
  );
  return (
    <Ask<Values, Input>
      title={calendar ? `${calendar.carrier} at ${calendar.node}` : "New calendar"}
      about="Times are on the node's clock. On a day that the node is closed nobody fetches either."
      verb="Save"
      width="md"
      values={{
        node: calendar?.node ?? "",
        carrier: calendar?.carrier ?? "",
        days: calendar ? daysOf(calendar.week as Collecting[]) : FIRST,
        closed: ((calendar?.closed_dates ?? []) as string[]).join("\n"),
        account: calendar?.account ?? "",
        daily: calendar?.daily ?? false,
        active: calendar?.active ?? true,
      }}
      input={({ node, carrier, days, closed, account, ...rest }) => {
        const closed_dates = datesOf(closed);
        if (closed_dates === null) {
          notify("Closed days are written 2026-12-24, one a line.", { type: "warning" });
          return null;
        }
        const body = { ...rest, week: weekOf(days), closed_dates, account: account.trim() || null, version: calendar ? seen.version : null };
        return { node, carrier: carrier.trim(), body };
      }}
      write={put}
      close={close}
      seen={calendar && seen}
      what="calendar"
    >
      {!calendar && (
        <div className="form-grid">
          <NodeIn name="node" label="Node" required autoFocus />
          <TextIn name="carrier" label="Carrier" required help="As labels name it" />
        </div>
      )}
      {DAYS.map((day, weekday) => (
        <DayRow key={day} day={day} name={`days.${weekday}`} />
      ))}
      <div className="form-grid">
        <TextIn name="closed" label="Closed on" rows={3} help="One a line: 2026-12-24" mono />
        <TextIn name="account" label="Account" help="Pickups are booked through it; empty: people call the carrier" />
      </div>
      <YesNo name="daily" label="Book a pickup at each day's cut-off, if anything waits" />
      <YesNo name="active" label="In use" />
    </Ask>
  );
}

function DayRow({ day, name }: { day: string; name: `days.${number}` }) {
  const on = useWatch<Values, `days.${number}.on`>({ name: `${name}.on` });
  return (
    <div className="form-grid" role="group" aria-label={day}>
      <YesNo name={`${name}.on`} label={day} />
      <TextIn name={`${name}.cut_off`} label="Packed until" mono disabled={!on} required={on} />
      <TextIn name={`${name}.start`} label="Comes from" mono disabled={!on} required={on} />
      <TextIn name={`${name}.end`} label="To" mono disabled={!on} required={on} />
    </div>
  );
}
