import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { PackPlan } from "./PackPlan";
import { afterNext, stepsOf, type Plan } from "./plan";

afterEach(cleanup);

const piece = (sku: string, x: number, z: number) => ({ sku, x, y: 0, z, length: 120, width: 90, height: 100 });
const box = (code: string, ...pieces: ReturnType<typeof piece>[]) => ({
  box: code, length_mm: 256, width_mm: 196, height_mm: 216, inner_length_mm: 250, inner_width_mm: 190, inner_height_mm: 210,
  grams: 1150, use: 0.42, pieces,
});
const PLAN: Plan = {
  fulfilment_id: "0198", version: 1, price_amount: 80, price_currency: "EUR", made_at: "2026-03-02T09:00:00Z", followed_at: null, current: true,
  boxes: [box("S", piece("MUG", 0, 0), piece("BOWL", 0, 100)), box("L", piece("MUG", 0, 0))],
  left_out: [{ sku: "VASE", quantity: 1, because: "VASE has no dimensions: measure it" }],
};
const TITLES: Record<string, string> = { MUG: "Stoneware mug", BOWL: "Breakfast bowl" };

function shown(at: number, plan = PLAN) {
  const told = { go: vi.fn(), packed: vi.fn() };
  render(<PackPlan plan={plan} steps={stepsOf(plan)} at={at} busy={false} named={(sku) => TITLES[sku] ?? sku} {...told} />);
  return told;
}

describe("the plan of packing", () => {
  it("says which box, draws what lies in it by then, and tells where the next piece goes", () => {
    shown(1);
    expect(screen.getByText("Box S, 1 of 2")).toBeTruthy();
    const says = "Breakfast bowl: 120 × 90 mm on Stoneware mug, 100 mm high, in the far corner";
    expect(screen.getByRole("img", { name: says }).querySelectorAll(".box-piece")).toHaveLength(2);
    const steps = within(screen.getByRole("list", { name: "Into box S" })).getAllByRole("listitem");
    expect(steps.map((step) => step.getAttribute("aria-current"))).toEqual([null, "step"]);
    expect(screen.getByRole("note").textContent).toBe("Not planned: VASE has no dimensions: measure it.");
  });

  it("goes from piece to piece through all boxes, and no further", async () => {
    const { go, packed } = shown(2);
    expect(screen.getByText("Box L, 2 of 2")).toBeTruthy();
    expect(screen.getByRole("button", { name: /Next/ })).toHaveProperty("disabled", true);
    await userEvent.click(screen.getByRole("button", { name: /Back/ }));
    expect(go).toHaveBeenCalledExactlyOnceWith(1);
    await userEvent.click(screen.getByRole("button", { name: /Packed as planned/ }));
    expect(packed).toHaveBeenCalledOnce();
  });

  it("has nothing to press where nothing is planned, and says why", () => {
    shown(0, { ...PLAN, boxes: [] });
    expect(screen.queryByRole("button")).toBeNull();
    expect(screen.getByRole("note").textContent).toBe("No plan: VASE has no dimensions: measure it.");
  });

  it("follows what is scanned, as far as it is still to come", () => {
    const steps = stepsOf(PLAN);
    expect(afterNext(steps, 0, "MUG")).toBe(1);
    expect(afterNext(steps, 0, "BOWL")).toBe(2);
    expect(afterNext(steps, 2, "MUG")).toBe(2);
    expect(afterNext(steps, 0, "VASE")).toBe(0);
  });
});
