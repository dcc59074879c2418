import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { AtShelf } from "./AtShelf";
import { Scanned, ScannedHere } from "./scanned";
import type { ShelfTask } from "./shelf";
import { useSignal } from "./signal";

const suggestion = (no: number, bin: string, quantity: number) => ({
  no, bin, quantity, purpose: "store", rule: null, why: "it takes all", seconds: 60, second_bin: null, second_seconds: null, second_why: null,
});
const TASK = {
  id: "t", number: "PA100001", node: "LON", bin: "RECEIVING", sku: "MUG", title: "Mug", barcode: "4006381333931", lot: "", status: "started",
  quantity: 9, put_away: 0, withdrawn: 0, left: 9, picked: 0, waiting: [], unplaced: 0, unplaced_why: null, next: ["put", "give_back", "cancel"],
  suggestions: [suggestion(1, "R1", 4), suggestion(2, "12", 5)],
} as unknown as ShelfTask;

function Shelf() {
  const signals = useSignal({ silent: true });
  const nothing = () => undefined;
  return <AtShelf node="LON" task={TASK} signals={signals} isReading={false} isUndoing={false} undo={undefined} done={(_, said) => signals.say("right", said)} leave={nothing} />;
}

/** The station at a node with these bins beside the suggested ones; what is booked. */
function show(...bins: string[]) {
  const booked: object[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    if (request.method === "POST") {
      booked.push((await request.json()) as object);
      return new Response(JSON.stringify({ ...TASK, left: 5, putaway_id: "p" }));
    }
    const asked = new URL(request.url).searchParams.getAll("code_in").flatMap((codes) => codes.split(","));
    return new Response(JSON.stringify({ data: bins.filter((code) => asked.includes(code)).map((code) => ({ code })) }));
  });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <ScannedHere value={new Scanned()}>
        <Shelf />
      </ScannedHere>
    </QueryClientProvider>,
  );
  const keys = userEvent.setup();
  const scan = (code: string) => keys.type(screen.getByRole("textbox"), `${code}{Enter}`);
  return { booked, scan };
}
afterEach(cleanup);

test("a bin that is called by a number is a bin and no number of units, suggested or not", async () => {
  const { booked, scan } = show("7");
  await scan("R1");
  await screen.findByText("Bin R1");
  await scan("12");
  await screen.findByText("Bin 12");
  await scan("7");
  await screen.findByText("Bin 7 is not the one that is suggested");
  expect(screen.getByText("For so many units type 07.")).toBeTruthy();
  expect(booked).toEqual([]);
  await scan("07");
  await screen.findByText("7 × Mug in 7");
  expect(booked).toEqual([{ bin: "7", quantity: 7, reason: null }]);
});

test("a number that is no bin is how many, and a code that nobody knows keeps what was counted", async () => {
  const { booked, scan } = show();
  await scan("R1");
  await screen.findByText("Bin R1");
  await scan(TASK.barcode ?? "");
  await scan(TASK.barcode ?? "");
  await screen.findByText("2 × Mug");
  await scan("NOWHERE");
  await screen.findByText("NOWHERE is no bin here");
  expect(screen.getByText("2 of")).toBeTruthy();
  await scan("R1"); // the same bin once more
  await screen.findByText("Bin R1");
  expect(screen.getByText("2 of")).toBeTruthy();
  await scan("3");
  await screen.findByText("3 × Mug in R1");
  expect(booked).toEqual([{ bin: "R1", quantity: 3, reason: null }]);
});
