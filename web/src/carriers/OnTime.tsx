import type { Shape } from "@/api/client";
import { rowsHref } from "@/parts/links";
import { Count } from "@/parts/Count";
import { share } from "./carrier";

type Of = { on_time: Shape<"ScoreShare">; low_ppm: number | null; high_ppm: number | null };

/** The share on time, with what is behind it in 95 of 100 cases, and the parcels that make it. */
export function OnTime({ of: { on_time, low_ppm, high_ppm } }: { of: Of }) {
  if (on_time.whole.value === 0) return <span className="faint">–</span>;
  return (
    <span>
      <span className="strong">{share(on_time.ppm)}</span>{" "}
      <span className="quiet small nowrap" title="In 95 of 100 cases the true share lies between">
        {share(low_ppm)} to {share(high_ppm)}
      </span>{" "}
      <span className="quiet small nowrap">
        (<Count value={on_time.part.value} label="on time" to={rowsHref(on_time.part)} /> of <Count value={on_time.whole.value} label="judged" to={rowsHref(on_time.whole)} />)
      </span>
    </span>
  );
}
