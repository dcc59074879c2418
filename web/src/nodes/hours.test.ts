import { expect, test } from "vitest";
import { hoursBody, hoursText, hoursValues, type DockHours } from "./hours";

test("hours are shown and typed as people write them, and come back as they were", () => {
  const hours = [[["08:00", "12:00"], ["13:00", "24:00"]], [], [], [], [], [], []];
  expect(hoursText(hours[0] ?? [])).toBe("08:00-12:00, 13:00-24:00");
  const values = hoursValues({ hours, slot_minutes: 30 } as unknown as DockHours);
  expect(hoursBody(values)).toEqual({ hours, slot_minutes: 30 });
});

test("full hours may be short, and what is no time of day is left for the server to refuse", () => {
  const days = ["8-12, 13 – 17:30", " , ", "noon-late", "8", "", "", ""];
  expect(hoursBody({ days, slot_minutes: "60" }).hours).toEqual([
    [["08:00", "12:00"], ["13:00", "17:30"]], [], [["noon", "late"]], [["08:00", ""]], [], [], [],
  ]);
});
