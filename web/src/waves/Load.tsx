import type { Shape } from "@/api/client";
import { whole } from "./wave";

type Hour = Shape<"WavePreview">["load"][number];

const clock = new Intl.DateTimeFormat("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit" });

/** Work by the hour in which it is due: what lies on the floor already, the wave on top of it, and what can be done. */
export function Load({ hours }: { hours: Hour[] }) {
  if (hours.length === 0) return <p className="quiet">Nothing is due.</p>;
  const most = Math.max(...hours.map((h) => Math.max(h.lines + h.floor_lines, 1)));
  const width = (lines: number) => `${(100 * lines) / most}%`;
  return (
    <table className="load">
      <thead>
        <tr>
          <th>Due by</th>
          <th>
            <span className="load-key" data-of="floor">On the floor</span> <span className="load-key" data-of="wave">This wave</span>
          </th>
          <th className="right">Lines</th>
          <th className="right">Until then</th>
        </tr>
      </thead>
      <tbody>
        {hours.map((hour) => (
          <tr key={hour.until} data-late={hour.fits === false || undefined}>
            <th scope="row" className="nowrap">{clock.format(new Date(hour.until))}</th>
            <td>
              <span className="load-bar" aria-hidden>
                <span data-of="floor" style={{ width: width(hour.floor_lines) }} />
                <span data-of="wave" style={{ width: width(hour.lines) }} />
              </span>
            </td>
            <td className="right nowrap">
              {whole(hour.lines)}
              {hour.floor_lines > 0 && <span className="quiet"> + {whole(hour.floor_lines)}</span>}
            </td>
            <td className="right nowrap">
              {hour.can_lines === null ? whole(hour.sum_lines) : `${whole(hour.sum_lines)} of ${whole(hour.can_lines)}`}
              {hour.fits === false && <span className="bad strong"> too much</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
