import Tooltip from "@mui/material/Tooltip";
import { memo, useEffect, useReducer } from "react";

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const formats = new Map<string, Intl.DateTimeFormat>();
function format(key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  let found = formats.get(key);
  if (!found) formats.set(key, (found = new Intl.DateTimeFormat("en-GB", options)));
  return found;
}

function parts(at: Date, timeZone: string) {
  const own = at.getFullYear() === new Date().getFullYear();
  const shown = format(`${timeZone}${own}`, {
    timeZone,
    day: "numeric",
    month: "short",
    ...(own ? {} : { year: "numeric" }),
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
  }).formatToParts(at);
  const name = shown.find((p) => p.type === "timeZoneName")?.value ?? "UTC";
  const text = shown.filter((p) => p.type !== "timeZoneName").map((p) => p.value).join("");
  return { text: text.trim().replace(",", ""), name };
}

export function whenText(at: string, timeZone = zone): string {
  const { text, name } = parts(new Date(at), timeZone);
  return `${text} ${name}`;
}

function whole(at: Date, timeZone: string): string {
  return format(`whole${timeZone}`, { timeZone, dateStyle: "full", timeStyle: "long" }).format(at);
}

/** `3 min ago`, `in 2 h`, `5 d ago`. */
export function ago(at: Date, now: Date): string {
  const seconds = Math.round((now.getTime() - at.getTime()) / 1000);
  const size = Math.abs(seconds);
  if (size < 45) return "just now";
  const [count, unit] =
    size < 3600 ? [size / 60, "min"] : size < 86_400 ? [size / 3600, "h"] : [size / 86_400, "d"];
  const text = `${Math.max(1, Math.round(count))} ${unit}`;
  return seconds < 0 ? `in ${text}` : `${text} ago`;
}

type Props = { at: string | null | undefined; timeZone?: string };

/** A moment with its zone; the whole of it, and UTC, on hover. */
export const When = memo(function When({ at, timeZone = zone }: Props) {
  if (!at) return <span className="faint">–</span>;
  const moment = new Date(at);
  const { text, name } = parts(moment, timeZone);
  return (
    <time dateTime={at} title={`${whole(moment, timeZone)}\n${moment.toISOString()}`} className="nowrap">
      {text}
      <span className="unit">{name}</span>
    </time>
  );
});

/** How long ago, ticking. For what is urgent because of its age. */
export function Ago({ at }: Props) {
  const [, tick] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    const timer = setInterval(tick, 30_000);
    return () => clearInterval(timer);
  }, []);
  if (!at) return <span className="faint">–</span>;
  const moment = new Date(at);
  return (
    <Tooltip title={whole(moment, zone)}>
      <time dateTime={at} className="nowrap">
        {ago(moment, new Date())}
      </time>
    </Tooltip>
  );
}
