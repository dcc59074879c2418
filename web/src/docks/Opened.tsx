import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import { useQuery } from "@tanstack/react-query";
import { Ban, CalendarClock, CircleSlash, LogOut, MapPinCheck, PackageCheck } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { noticeHref } from "@/notices/notice";
import { Actions, type Verb, type VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { Chip, words } from "@/parts/Chip";
import { TextIn } from "@/parts/fields";
import { History } from "@/parts/History";
import { Facts } from "@/parts/Page";
import { useSeen } from "@/parts/seen";
import { Loaded } from "@/parts/states";
import { When } from "@/parts/When";
import { SupplierLink } from "@/suppliers/supplier";
import { Move, type At } from "./Book";
import { calendarHref, goodsText, nameOf, spanText, TOUCHES, type AnyAppointment, type Appointment } from "./calendar";

type Subject = { at: At; appointment: Shape<"AppointmentDetail"> };
const path = (a: AnyAppointment) => ({ params: { path: { appointment_id: a.id } } });

const VERBS: Record<string, Verb<Subject>> = {
  arrive: { label: "It is here", icon: MapPinCheck, tone: "primary", scope: "write_stock", dialog: Arrive },
  done: { label: "It has left", icon: LogOut, tone: "primary", scope: "write_stock", dialog: Finish },
  move: { label: "Another time", icon: CalendarClock, scope: "write_stock", dialog: ({ record, close }) => <Move at={record.at} appointment={record.appointment} close={close} /> },
  miss: { label: "Nobody came", icon: CircleSlash, scope: "write_stock", dialog: Miss },
  cancel: { label: "Cancel", icon: Ban, scope: "write_stock", dialog: CancelIt },
};

/** One appointment: what it is for, what it has been, and what may be done with it. */
export function Opened({ at, appointment: seen, close }: { at: At; appointment: Pick<Appointment, "id" | "number"> & Partial<Appointment>; close: () => void }) {
  const asked = useQuery({
    queryKey: ["appointments", "detail", seen.id],
    queryFn: () => answer(api.GET("/api/v1/appointments/{appointment_id}", { params: { path: { appointment_id: seen.id } } })),
  });
  return (
    <Dialog open onClose={close} fullWidth maxWidth="sm" aria-labelledby="appointment-title">
      <DialogTitle id="appointment-title">{seen.number}</DialogTitle>
      <DialogContent>
        <Loaded query={asked}>
          {(a) => (
            <div className="stack">
              <div className="row wrap">
                <Chip state={a.status} />
                <span className="strong">{nameOf(a)}</span>
                <span className="quiet">dock {a.dock}</span>
              </div>
              {seen.remarks?.map((remark) => <p key={remark} className="note">{remark}</p>)}
              <Facts
                facts={[
                  ["When", <Link key="when" className="link" to={calendarHref(a.node, a.starts_at)}><When at={a.starts_at} timeZone={at.time_zone} /></Link>],
                  ["At the node", spanText(a, at.time_zone)],
                  ["Supplier", a.supplier && <SupplierLink key="s" supplier={a.supplier} />],
                  ["Ship notice", a.notice_id && <Link key="n" className="link" to={noticeHref(a.notice_id)}>{a.notice}</Link>],
                  ["Expected", a.expected_at && <When key="e" at={a.expected_at} timeZone={at.time_zone} />],
                  ["Order", a.purchase_id && <Link key="p" className="link" to={`/purchases/${a.purchase_id}`}>{a.purchase}</Link>],
                  ["Brings", seen.units ? goodsText({ units: seen.units, lines: seen.lines ?? 0 }) : null],
                  ["Comes as", [a.packages, a.comes_as].filter(Boolean).join(" ")],
                  ["Carrier", a.carrier],
                  ["Note", a.note],
                  ["Here since", a.arrived_at && <When key="a" at={a.arrived_at} timeZone={at.time_zone} />],
                  ["Left", a.done_at && <When key="d" at={a.done_at} timeZone={at.time_zone} />],
                ]}
              />
              {a.notice_id && a.status === "arrived" && <Receive a={a} />}
              <History entries={a.history.map((h) => ({ at: h.at, actor: h.actor, why: h.why, title: titleOf(h) }))} />
            </div>
          )}
        </Loaded>
      </DialogContent>
      <DialogActions className="wrapping">
        <Button onClick={close}>Close</Button>
        {asked.data && <Actions record={{ at, appointment: asked.data }} next={asked.data.next} verbs={VERBS} shown={4} />}
      </DialogActions>
    </Dialog>
  );
}

/** The same from a list, which knows nothing of the node's docks yet. */
export function OpenButton({ appointment: a }: { appointment: AnyAppointment }) {
  const [isOpen, setOpen] = useState(false);
  const asked = useQuery({
    queryKey: ["appointments", "calendar", a.node, null, a.starts_at, false],
    queryFn: () => answer(api.GET("/api/v1/nodes/{node}/dock-calendar", { params: { path: { node: a.node }, query: { at: a.starts_at } } })),
    enabled: isOpen,
  });
  return (
    <>
      <Button variant="text" aria-label={`Open ${a.number}`} loading={isOpen && asked.isPending} onClick={() => setOpen(true)}>
        Open
      </Button>
      {isOpen && asked.data && <Opened at={asked.data} appointment={asked.data.appointments.find((one) => one.id === a.id) ?? a} close={() => setOpen(false)} />}
    </>
  );
}

function Receive({ a }: { a: AnyAppointment }) {
  const asked = useQuery({
    queryKey: ["advance-notices", "detail", a.notice_id],
    queryFn: () => answer(api.GET("/api/v1/advance-notices/{notice_id}", { params: { path: { notice_id: a.notice_id ?? "" } } })),
  });
  const line = asked.data?.lines.find((l) => l.short > 0);
  if (!line) return null;
  return (
    <Link className="link row" to={`/receive?order=${line.purchase_id}&notice=${a.notice_id}`}>
      <PackageCheck size={14} aria-hidden /> Receive it
    </Link>
  );
}

export function titleOf({ from_status, to_status }: { from_status: string | null; to_status: string }): string {
  if (from_status === to_status) return "Moved";
  return from_status ? `${words(from_status)} → ${words(to_status).toLowerCase()}` : words(to_status);
}

function Arrive({ record: { appointment: a }, close }: VerbProps<Subject>) {
  const seen = useSeen(a.version);
  const arrive = useWrite(
    (body: Shape<"AppointmentVersion">, once) => answer(api.POST("/api/v1/appointments/{appointment_id}/arrive", { ...path(a), body, ...once })),
    { touches: TOUCHES },
  );
  return (
    <Ask<object, Shape<"AppointmentVersion">>
      title={`${a.number} is at dock ${a.dock}`}
      about={a.notice ? `${a.notice} is at the node by that, and nothing of it is counted.` : "It stands at the dock from now on."}
      verb="It is here"
      values={{}}
      input={() => ({ version: seen.version })}
      write={arrive}
      close={close}
      seen={seen}
      what="appointment"
    />
  );
}

function Finish({ record: { appointment: a }, close }: VerbProps<Subject>) {
  const seen = useSeen(a.version);
  const finish = useWrite(
    (body: Shape<"AppointmentVersion">, once) => answer(api.POST("/api/v1/appointments/{appointment_id}/finish", { ...path(a), body, ...once })),
    { touches: TOUCHES },
  );
  return (
    <Ask<object, Shape<"AppointmentVersion">>
      title={`${a.number} has left dock ${a.dock}`}
      about="The dock is free from now on."
      verb="It has left"
      values={{}}
      input={() => ({ version: seen.version })}
      write={finish}
      close={close}
      seen={seen}
      what="appointment"
    />
  );
}

function Miss({ record: { appointment: a }, close }: VerbProps<Subject>) {
  const seen = useSeen(a.version);
  const miss = useWrite(
    (body: Shape<"AppointmentMissed">, once) => answer(api.POST("/api/v1/appointments/{appointment_id}/miss", { ...path(a), body, ...once })),
    { touches: TOUCHES },
  );
  return (
    <Ask<{ reason: string }, Shape<"AppointmentMissed">>
      title={`Nobody came for ${a.number}`}
      about={`Dock ${a.dock} is free by that. It may be given another time later.`}
      verb="Nobody came"
      values={{ reason: "" }}
      input={({ reason }) => ({ reason: reason.trim() || null, version: seen.version })}
      write={miss}
      close={close}
      seen={seen}
      what="appointment"
    >
      <TextIn name="reason" label="What is known of it" autoFocus />
    </Ask>
  );
}

function CancelIt({ record: { appointment: a }, close }: VerbProps<Subject>) {
  const seen = useSeen(a.version);
  const cancel = useWrite(
    (body: Shape<"AppointmentEnd">, once) => answer(api.POST("/api/v1/appointments/{appointment_id}/cancel", { ...path(a), body, ...once })),
    { touches: TOUCHES },
  );
  return (
    <Ask<{ reason: string }, Shape<"AppointmentEnd">>
      title={`Cancel ${a.number}`}
      about={`Dock ${a.dock} is free by that. What it was for is still to come.`}
      verb="Cancel it"
      tone="error"
      values={{ reason: "" }}
      input={({ reason }) => ({ reason, version: seen.version })}
      write={cancel}
      close={close}
      seen={seen}
      what="appointment"
    >
      <TextIn name="reason" label="Why" required autoFocus />
    </Ask>
  );
}
