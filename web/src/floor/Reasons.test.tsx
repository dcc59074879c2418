import { act, cleanup, fireEvent, render } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Reasons } from "./Reasons";
import { Scanned, ScannedHere } from "./scanned";

const choose = vi.fn();
const back = vi.fn();
let scanned: Scanned;

beforeEach(() => {
  vi.useFakeTimers();
  choose.mockReset();
  back.mockReset();
  scanned = new Scanned();
  render(
    <ScannedHere value={scanned}>
      <Reasons label="Why" question="Why?" reasons={["wet", "crushed"]} choose={choose} back={back} backLabel="back" />
    </ScannedHere>,
  );
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const type = (...keys: string[]) => keys.forEach((key) => fireEvent.keyDown(document.activeElement ?? window, { key }));
const wait = (ms: number) =>
  act(() => {
    vi.advanceTimersByTime(ms);
  });

it("takes a number that a person presses, and Escape", () => {
  type("2");
  wait(100);
  expect(choose).toHaveBeenCalledExactlyOnceWith("crushed");
  type("Escape");
  expect(back).toHaveBeenCalledOnce();
});

it("takes no answer from a scanner, whose code waits for the field", () => {
  type(..."2904000107036", "Enter");
  wait(1000);
  expect(choose).not.toHaveBeenCalled();
  expect(scanned.next()).toBe("2904000107036");
  type("1");
  wait(100);
  expect(choose).toHaveBeenCalledExactlyOnceWith("wet");
});
