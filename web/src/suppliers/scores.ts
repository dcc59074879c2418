import type { Shape } from "@/api/client";
import { percentOf } from "@/parts/percent";

export type Score = Shape<"PromiseScore">;
type Told = Shape<"ScoreNumber">;

/** How lines kept a promised date, from the best to the worst; cancelled ones are in no share. */
export const TIMINGS = ["early", "on_day", "late", "outstanding", "missed"] as const;
export type Timing = (typeof TIMINGS)[number];
export const WORDS: Record<Timing, string> = { early: "early", on_day: "on the day", late: "late", outstanding: "still out", missed: "never came" };

/** The times that a scorecard can be of, in days until now. */
export const TIMES = [30, 90, 365] as const;

export function timeOf(asked: string | null): number {
  return TIMES.find((days) => String(days) === asked) ?? 365;
}

/** To a tenth of a per cent; nothing of nothing is no share. */
export function shareText(ppm: number | null): string {
  return ppm === null ? "–" : `${percentOf(Math.round(ppm / 1000) * 1000)} %`;
}

type Part = { timing: Timing; number: Told; x: number; width: number };

/** The lines of a promise side by side on a bar `width` long, empty parts left out. */
export function partsOf(score: Score, width: number): Part[] {
  const all = TIMINGS.reduce((sum, timing) => sum + score[timing].value, 0);
  let x = 0;
  return TIMINGS.flatMap((timing) => {
    const number = score[timing];
    if (number.value === 0) return [];
    const part = { timing, number, x, width: (width * number.value) / all };
    x += part.width;
    return [part];
  });
}
