import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { CoreAdminContext, testDataProvider } from "ra-core";
import { MemoryRouter } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import { limitsText, nextUnit, type Inspection, type LookedAt } from "./inspection";
import { planBody, planValues } from "./plan";
import { SampleSheet } from "./SampleSheet";

const GLAZE: LookedAt = { no: 1, name: "Glaze is whole", kind: "yes_no", unit: "", low: null, high: null, critical: true };
const WALL: LookedAt = { no: 2, name: "Wall", kind: "measured", unit: "mm", low: "3.8", high: "4.2", critical: false };
const INSPECTION = {
  id: "0197", number: "QC100001", version: 3, status: "inspecting", characteristics: [GLAZE, WALL], sampled: 1, sample_size: 3,
  findings: [{ unit: 1, conforming: true, critical: false, results: [{ no: 1, ok: true, value: null }, { no: 2, ok: true, value: "4.0" }], note: null, by: "user:1", at: "2026-03-01T00:00:00Z" }],
} as unknown as Inspection;

type Sent = { units: object[]; version: number };

function show(inspection: Inspection, answers: object[] = []) {
  const sent: Sent[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    sent.push((await request.json()) as Sent);
    return new Response(JSON.stringify({ number: "QC100001", verdict: null, version: 3 + sent.length, ...answers[sent.length - 1] }));
  });
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <MemoryRouter>
      <QueryClientProvider client={queryClient}>
        <CoreAdminContext dataProvider={testDataProvider()} queryClient={queryClient}>
          <SampleSheet inspection={inspection} size={3} />
        </CoreAdminContext>
      </QueryClientProvider>
    </MemoryRouter>,
  );
  return sent;
}
afterEach(cleanup);

test("the keyboard alone records one unit after another, each under the version that the last one made", async () => {
  const sent = show(INSPECTION);
  const keys = userEvent.setup();
  expect(screen.getByRole("heading", { name: "Unit 2 of 3" })).toBeTruthy();
  await keys.keyboard("y");
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("textbox", { name: "Wall" })));
  await keys.keyboard("4,05{Enter}");
  expect(await screen.findByRole("heading", { name: "Unit 3 of 3" })).toBeTruthy();
  await keys.keyboard("n");
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("textbox", { name: "Wall" })));
  await keys.keyboard("4.4{Enter}");
  await waitFor(() => expect(sent).toHaveLength(2));
  expect(sent).toEqual([
    { units: [{ unit: 2, note: null, conforming: null, results: [{ no: 1, ok: true, value: null }, { no: 2, ok: null, value: "4.05" }] }], bin: null, version: 3 },
    { units: [{ unit: 3, note: null, conforming: null, results: [{ no: 1, ok: false, value: null }, { no: 2, ok: null, value: "4.4" }] }], bin: null, version: 4 },
  ]);
});

test("a unit that is not whole is not recorded, and a plan without characteristics asks whether it conforms", async () => {
  const sent = show({ ...INSPECTION, characteristics: [], findings: [] });
  const keys = userEvent.setup();
  await keys.keyboard("{Enter}");
  expect(screen.getByRole("button", { name: "Record unit 1" })).toHaveProperty("disabled", true);
  expect(sent).toEqual([]);
  await keys.keyboard("n");
  // A verdict cannot be taken back, so the last answer waits for Enter.
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("button", { name: "Record unit 1" })));
  expect(sent).toEqual([]);
  await keys.keyboard("{Enter}");
  await waitFor(() => expect(sent).toEqual([{ units: [{ unit: 1, note: null, conforming: false, results: [] }], bin: null, version: 3 }]));
});

test("a unit is said again, and the sheet goes on where it was", async () => {
  const sent = show(INSPECTION);
  const keys = userEvent.setup();
  await keys.click(screen.getByRole("button", { name: "Say unit 1 again" }));
  expect(screen.getByRole("heading", { name: "Unit 1 of 3" })).toBeTruthy();
  await keys.keyboard("n");
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("textbox", { name: "Wall" })));
  await keys.keyboard("4{Enter}");
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]?.units).toMatchObject([{ unit: 1 }]);
  expect(await screen.findByRole("heading", { name: "Unit 2 of 3" })).toBeTruthy();
});

test("limits in words, and the first unit of which nothing was said", () => {
  expect([WALL, { ...WALL, high: null }, { ...WALL, low: null, unit: "" }, GLAZE].map(limitsText)).toEqual([
    "3.8 to 4.2 mm", "at least 3.8 mm", "at most 4.2", "",
  ]);
  expect(nextUnit(3, new Set([1, 3]))).toBe(2);
  expect(nextUnit(2, new Set([1, 2]))).toBe(null);
});

test("a plan goes to the form and back, and limits that a yes or no has no use for stay behind", () => {
  const characteristics = [
    { name: "Wall", kind: "measured", unit: "mm", low: "3.8", high: null, critical: false },
    { name: "Glaze", kind: "yes_no", unit: "", low: null, high: null, critical: true },
  ];
  const plan = { supplier: "HANSA", sku: "", method: "sample", level: "II", aql: "1.0", reduced: true, characteristics, version: 2, created: false };
  const values = planValues(plan);
  expect(planBody(values, 2)).toEqual({ method: "sample", level: "II", aql: "1.0", reduced: true, version: 2, characteristics });
  const turned = { ...values, lines: values.lines.map((line) => ({ ...line, kind: "yes_no" as const })) };
  expect(planBody(turned, 2).characteristics?.[0]).toEqual({ name: "Wall", kind: "yes_no", unit: "", low: null, high: null, critical: false });
});
