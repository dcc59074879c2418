import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { MoneyIn, NumberIn, TextIn } from "@/parts/fields";
import { decimal, minorUnits, Money } from "@/parts/Money";
import { Card, Facts, Page } from "@/parts/Page";
import { useCan } from "@/parts/scopes";
import { Loaded } from "@/parts/states";

type Weights = Shape<"RoutingWeightsState">;
type Body = Shape<"RoutingWeightsBody">;
type Text = Record<string, string>;

const CRUMBS = [{ label: "Routing rules", to: "/routing" }, { label: "Plan open orders", to: "/routing/plans" }];

const AMOUNTS = {
  split_cost: "A parcel of an order beyond the first, on top of its price",
  late_cost: "An order that comes late, where no shipping policy says",
  wait_cost: "A unit that waits for stock",
  parcel_cost: "A parcel where no rate card says",
  far_cost: "… and each 100 km of it",
  overtime_cost: "A parcel beyond what a node sends with ease",
  least_gain: "An order is moved for no less than",
  least_saving: "A plan by the clock is applied for no less than",
} as const;
const COUNTS = {
  promise_days: "Days after placing that customers are promised, where no policy says",
  cover_days: "Days for which the last units are kept for those near a node",
  most_orders: "Orders in one plan at most",
  least_age_minutes: "Minutes that an order is left alone after it was placed",
} as const;

/** What counts in plans beside what carriers ask, and whether plans make themselves. */
export function WeightsPage() {
  const weights = useQuery({ queryKey: ["routing-plans", "weights"], queryFn: () => answer(api.GET("/api/v1/routing-weights")) });
  return (
    <Loaded query={weights} frame={(inside) => <Page title="What counts in plans" crumbs={CRUMBS}>{inside}</Page>}>
      {(found) => <Shown of={found} />}
    </Loaded>
  );
}

const loadsText = (loads: Weights["loads"]) => Object.entries(loads).map(([node, load]) => `${node}: ${load.easy} ${load.most}`).join("\n");

function Shown({ of: weights }: { of: Weights }) {
  const [isOpen, setOpen] = useState(false);
  const may = useCan()("write_settings");
  const amounts = (Object.keys(AMOUNTS) as (keyof typeof AMOUNTS)[]).map((name) => [AMOUNTS[name], <Money key={name} amount={weights[name]} currency={weights.currency} />] as [string, React.ReactNode]);
  const counts = (Object.keys(COUNTS) as (keyof typeof COUNTS)[]).map((name) => [COUNTS[name], weights[name].toLocaleString("en-GB")] as [string, React.ReactNode]);
  return (
    <Page title="What counts in plans" crumbs={CRUMBS} about="Parcels cost what the rate cards in force ask. These are the other prices." actions={may && <Button variant="contained" onClick={() => setOpen(true)}>Change</Button>}>
      <Card title="Plans by the clock">
        <p>{weights.every_minutes ? `Every ${weights.every_minutes} minutes a plan is made, and applied when it saves enough.` : "Plans are made and applied by hand alone."}</p>
      </Card>
      <Card title="Prices"><Facts facts={amounts} /></Card>
      <Card title="Counts"><Facts facts={[...counts, ["Margin of a SKU’s price that a lost sale loses", `${weights.margin_ppm / 10_000} %`], ["Parcels a day, with ease and at most", loadsText(weights.loads) || "as many as there are"]]} /></Card>
      {isOpen && <Change of={weights} close={() => setOpen(false)} />}
    </Page>
  );
}

/** A line for each node, `LON: 400 600`; null when a line says something else. */
export function loadsOf(text: string): Body["loads"] | null {
  const found: NonNullable<Body["loads"]> = {};
  for (const line of text.split("\n").filter((one) => one.trim())) {
    const told = /^\s*([\w-]+)\s*:\s*(\d+)\s+(\d+)\s*$/.exec(line);
    if (!told) return null;
    found[told[1]!] = { easy: Number(told[2]), most: Number(told[3]) };
  }
  return found;
}

function Change({ of: weights, close }: { of: Weights; close: () => void }) {
  const write = useWrite((body: Body, once) => answer(api.PUT("/api/v1/routing-weights", { body, ...once })), { touches: ["routing-plans"] });
  const money = Object.keys(AMOUNTS) as (keyof typeof AMOUNTS)[];
  const numbers = Object.keys(COUNTS) as (keyof typeof COUNTS)[];
  const values: Text = { every_minutes: String(weights.every_minutes ?? ""), loads: loadsText(weights.loads) };
  for (const name of money) values[name] = decimal(weights[name], weights.currency);
  for (const name of numbers) values[name] = String(weights[name]);
  const input = (typed: Text): Body | null => {
    const loads = loadsOf(typed.loads ?? "");
    const amounts = money.map((name) => minorUnits(typed[name] ?? "", weights.currency));
    if (loads === null || amounts.some((amount) => amount === null)) return null;
    const told = Object.fromEntries([...money.map((name, n) => [name, amounts[n]]), ...numbers.map((name) => [name, Number(typed[name])])]) as Pick<Body, keyof typeof AMOUNTS | keyof typeof COUNTS>;
    return { ...told, currency: weights.currency, margin_ppm: weights.margin_ppm, loads, every_minutes: typed.every_minutes ? Number(typed.every_minutes) : null, version: weights.version };
  };
  return (
    <Ask<Text, Body> title="What counts in plans" verb="Save" values={values} input={input} write={write} close={close} width="sm">
      <NumberIn name="every_minutes" label="Plan and apply by itself every so many minutes" min={5} help="Empty: by hand alone" />
      {money.map((name) => <MoneyIn key={name} name={name} label={AMOUNTS[name]} currency={weights.currency} required />)}
      {numbers.map((name) => <NumberIn key={name} name={name} label={COUNTS[name]} min={0} required />)}
      <TextIn name="loads" label="Parcels a day by node, with ease and at most" rows={2} mono help="A line for each node: LON: 400 600" />
    </Ask>
  );
}
