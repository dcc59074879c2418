import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import type { Shape } from "@/api/client";
import { Said as Answered } from "@/floor/CarrierAnswers";
import { bodyOf } from "./PutAccount";
import { Said } from "./TryAccount";

afterEach(cleanup);

const typed = {
  code: "easypost", name: " EasyPost ", provider: "easypost", mode: "live" as const, services: "ups, usps priority", nodes: "", enabled: true,
  seconds: "2.5", calls: "", tolerance: "7.5", accounts: "ca_1, ca_2", keys: { api_key: "" },
  faults: { rates: "works", sale: "works", void: "works", pickup: "works", manifest: "works", tracking: "nothing" }, kept: {},
};

describe("an account as it is sent", () => {
  it("keeps the credentials that are there when none were typed", () => {
    expect(bodyOf(typed, 3)).toEqual({
      name: "EasyPost", provider: "easypost", mode: "live", credentials: null, services: ["ups", "usps priority"], nodes: [], enabled: true,
      time_limit_ms: 2500, calls_per_minute: null, tolerance_ppm: 75_000, options: { carrier_accounts: ["ca_1", "ca_2"] }, version: 3,
    });
    expect(bodyOf({ ...typed, keys: { api_key: "EZ" } }, null).credentials).toEqual({ api_key: "EZ" });
  });
  it("gives the test carrier its faults and never calls it live", () => {
    const body = bodyOf({ ...typed, provider: "test", faults: { ...typed.faults, sale: "times_out" } }, null);
    expect([body.mode, body.options]).toEqual(["test", { ...typed.faults, sale: "times_out" }]);
  });
  it("leaves options of the test carrier that the form does not show as they are", () => {
    const kept = { carrier: "elsewhere", tracking: "moves" };
    expect(bodyOf({ ...typed, provider: "test", faults: { ...typed.faults, tracking: "delivers" }, kept }, 3).options).toEqual({ ...typed.faults, carrier: "elsewhere", tracking: "delivers" });
  });
});

const trial: Shape<"CarrierTrial"> = {
  id: "1", account: "easypost", asked_at: "2026-03-02T09:00:00Z", answered_at: "2026-03-02T09:00:01Z", took_ms: 1234, rates: [], messages: [], error: null,
};

describe("what a carrier said of a made-up parcel", () => {
  it("is its prices, with what it said beside them", () => {
    const rate = { carrier: "ups", service: "ground", amount: 730, currency: "EUR", transit_days: null };
    render(<Said trial={{ ...trial, rates: [rate], messages: ["FedEx: Invalid postal code"] }} />);
    expect(screen.getByText("ups ground")).toBeTruthy();
    expect(screen.getByText("not said")).toBeTruthy();
    expect(screen.getByText("FedEx: Invalid postal code")).toBeTruthy();
  });
  it("is why there are none", () => {
    render(<Said trial={{ ...trial, error: "EasyPost cannot be reached." }} />);
    expect(screen.getByText("EasyPost cannot be reached.")).toBeTruthy();
  });
  it("is that it has not answered yet", () => {
    render(<Said trial={{ ...trial, answered_at: null }} />);
    expect(screen.getByRole("status").textContent).toContain("not answered yet");
  });
});

describe("carriers at the bench", () => {
  const said = { account: "dhl", name: "DHL", rates: 2, message: null, asked_at: "2026-03-02T09:00:00Z", expires_at: null, took_ms: null };
  it("say how many offers there are, or why there are none", () => {
    render(
      <>
        <Answered one={{ ...said, state: "answered" }} />
        <Answered one={{ ...said, account: "ups", state: "failed", message: "UPS did not answer within 5 seconds." }} />
        <Answered one={{ ...said, account: "gls", name: "GLS", state: "asking" }} />
      </>,
    );
    expect(screen.getByText(/DHL: 2 offers/)).toBeTruthy();
    expect(screen.getByText(/UPS did not answer within 5 seconds/)).toBeTruthy();
    expect(screen.getByText("GLS is being asked.")).toBeTruthy();
  });
});
