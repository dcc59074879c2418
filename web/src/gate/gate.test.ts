import { expect, test } from "vitest";
import { datesOf, daysOf, millionthsOf, rateText, weekOf, weekText } from "./gate";

const day = (weekday: number, cut_off = "16:00") => ({ weekday, cut_off, start: "16:30", end: "18:00" });

test("a week is told with neighbours of the same cut-off together", () => {
  expect(weekText([day(0), day(1), day(2), day(4, "14:00"), day(5, "14:00")])).toBe("Mon–Wed 16:00, Fri–Sat 14:00");
  expect(weekText([day(6)])).toBe("Sun 16:00");
  expect(weekText([])).toBe("");
});

test("what the editor shows of a week is the week again", () => {
  const week = [day(0), day(3, "11:30")];
  const days = daysOf(week);
  expect(days.map((each) => each.on)).toEqual([true, false, false, true, false, false, false]);
  expect(weekOf(days)).toEqual(week);
});

test("days are ISO dates, and one that is none makes the whole no answer", () => {
  expect(datesOf("2026-12-24\n2026-12-25, 2027-01-01")).toEqual(["2026-12-24", "2026-12-25", "2027-01-01"]);
  expect(datesOf("")).toEqual([]);
  expect(datesOf("24.12.2026")).toBeNull();
  expect(datesOf("2026-13-40")).toBeNull();
});

test("an SDR's worth is exact to the millionth", () => {
  expect(millionthsOf("1.21")).toBe(1_210_000);
  expect(millionthsOf("210,5")).toBe(210_500_000);
  expect(millionthsOf("0")).toBeNull();
  expect(millionthsOf("1.2.3")).toBeNull();
  expect(rateText(1_210_000)).toBe("1.21");
});
