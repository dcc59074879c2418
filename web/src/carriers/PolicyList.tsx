import Button from "@mui/material/Button";
import { Plus } from "lucide-react";
import { useNotify } from "ra-core";
import { useState } from "react";
import { useWatch } from "react-hook-form";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { Chip } from "@/parts/Chip";
import { MoneyIn, NumberIn, PercentIn, SelectIn, TextIn, YesNo } from "@/parts/fields";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { decimal, minorUnits, Money } from "@/parts/Money";
import { percentOf, ppmOf } from "@/parts/percent";
import { useCan } from "@/parts/scopes";
import { useSeen } from "@/parts/seen";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { share, SIBLINGS } from "./carrier";
import { PolicyTrial } from "./Trial";

export type Policy = Shape<"ShippingPolicy">;
type Row = Policy & { id: string };
type Body = Shape<"PolicyBody">;
type Input = { code: string; body: Body };
type Values = {
  code: string; channel: string; tag: string; rank: string; currency: string; days: string; from: "sent" | "placed"; late: string; loss: string; most: string;
  carbon: string; explore: string; budget: string; forbidden: string; active: boolean;
};

const COLUMNS: Column<Row>[] = [
  { id: "code", label: "Policy", sort: "code", render: (p) => <span className="strong">{p.code}</span> },
  { id: "channel", label: "For", render: (p) => `${p.channel === "*" ? "every channel" : p.channel}, ${p.customer_tag === "*" ? "every customer" : p.customer_tag}` },
  { id: "rank", label: "Rank", sort: "rank", align: "right", render: (p) => p.rank },
  { id: "promise_days", label: "Promises", render: (p) => (p.promise_days === null ? <span className="faint">what the card quotes</span> : `${p.promise_days} days from ${p.promise_from === "placed" ? "the order" : "the hand-over"}`) },
  { id: "late_cost", label: "Late costs", align: "right", render: (p) => <Money amount={p.late_cost} currency={p.currency} /> },
  { id: "loss_ppm", label: "Lost costs", align: "right", render: (p) => `${p.loss_ppm / 10_000} % of the goods` },
  { id: "most_late_ppm", wide: true, label: "Late at most", align: "right", render: (p) => share(p.most_late_ppm) },
  { id: "carbon_price", wide: true, label: "A tonne of CO2e", align: "right", render: (p) => <Money amount={p.carbon_price} currency={p.currency} /> },
  { id: "explore_ppm", label: "Tries", wide: true, grow: true, align: "right", render: (p) => (p.explore_ppm ? <span className="nowrap">{share(p.explore_ppm)}, up to <Money amount={p.explore_budget} currency={p.currency} /> a month</span> : <span className="faint">nothing</span>) },
  { id: "active", label: "", render: (p) => !p.active && <Chip state="inactive" /> },
  { id: "verbs", label: "", align: "right", render: (p) => <PutPolicyButton policy={p} /> },
];

export function PolicyList() {
  const listing = useListing<Row>("shipping-policies", { sort: "rank" });
  return (
    <ListPage
      title="Shipping policies"
      about="What lateness, loss and carbon cost for orders of a channel or of customers with a tag. Of several that fit, the lowest rank is meant; without one the price alone counts."
      listing={listing}
      columns={COLUMNS}
      filters={[{ field: "active", label: "In use", kind: "yes" }]}
      siblings={SIBLINGS}
      actions={<PutPolicyButton />}
      empty={<Empty title="No policy yet">The cheapest service that fits is taken.</Empty>}
    />
  );
}

function PutPolicyButton({ policy }: { policy?: Policy }) {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_shipping")) return null;
  return (
    <>
      {policy ? (
        <Button variant="text" aria-label={`Edit policy ${policy.code}`} onClick={() => setOpen(true)}>Edit</Button>
      ) : (
        <Button variant="contained" startIcon={<Plus size={14} />} onClick={() => setOpen(true)}>New policy</Button>
      )}
      {isOpen && <PutPolicy policy={policy} close={() => setOpen(false)} />}
    </>
  );
}

const valuesOf = (p?: Policy): Values => ({
  code: p?.code ?? "",
  channel: p?.channel ?? "*",
  tag: p?.customer_tag ?? "*",
  rank: String(p?.rank ?? 100),
  currency: p?.currency ?? "EUR",
  days: p?.promise_days === null || p === undefined ? "" : String(p.promise_days),
  from: (p?.promise_from as Values["from"]) ?? "sent",
  late: p ? decimal(p.late_cost, p.currency) : "0",
  loss: p ? String(p.loss_ppm / 10_000) : "100",
  most: p?.most_late_ppm ? percentOf(p.most_late_ppm) : "",
  carbon: p ? decimal(p.carbon_price, p.currency) : "0",
  explore: p ? percentOf(p.explore_ppm) : "0",
  budget: p ? decimal(p.explore_budget, p.currency) : "0",
  forbidden: p?.forbidden.join(", ") ?? "",
  active: p?.active ?? true,
});

export function bodyOf(v: Values, version: number | null): Body {
  const money = (typed: string) => minorUnits(typed, v.currency) ?? 0;
  return {
    currency: v.currency.trim().toUpperCase(),
    channel: v.channel.trim() || "*",
    customer_tag: v.tag.trim() || "*",
    rank: Number(v.rank) || 0,
    promise_days: v.days.trim() ? Number(v.days) : null,
    promise_from: v.from,
    late_cost: money(v.late),
    loss_ppm: Math.round(Number(v.loss.replace(",", ".")) * 10_000) || 0,
    most_late_ppm: v.most.trim() ? ppmOf(v.most) : null,
    carbon_price: money(v.carbon),
    explore_ppm: ppmOf(v.explore) ?? 0,
    explore_budget: money(v.budget),
    forbidden: v.forbidden.split(",").map((name) => name.trim()).filter(Boolean),
    active: v.active,
    version,
  };
}

function PutPolicy({ policy, close }: { policy?: Policy; close: () => void }) {
  const notify = useNotify();
  const seen = useSeen(policy?.version ?? 0);
  const put = useWrite(
    ({ code, body }: Input, once) => answer(api.PUT("/api/v1/shipping-policies/{code}", { params: { path: { code } }, body, ...once })),
    { touches: ["shipping-policies"], done: (made) => notify(`Policy ${made.code} is saved.`) },
  );
  return (
    <Ask<Values, Input>
      title={policy ? `Edit policy ${policy.code}` : "New policy"}
      about="Counts from the next parcel on. Try it on past parcels first."
      verb="Save"
      width="md"
      values={valuesOf(policy)}
      input={(v) => ({ code: v.code.trim(), body: bodyOf(v, policy ? seen.version : null) })}
      write={put}
      close={close}
      seen={policy ? seen : undefined}
      what="policy"
    >
      <div className="form-grid">
        <TextIn name="code" label="Code" required disabled={Boolean(policy)} autoFocus={!policy} mono />
        <TextIn name="channel" label="Channel" help="* for every one" />
        <TextIn name="tag" label="Tag of the customer" help="* for every customer" />
        <NumberIn name="rank" label="Rank" min={0} required help="The lowest is meant" />
      </div>
      <div className="form-grid">
        <NumberIn name="days" label="Promised days" min={0} max={60} help="Empty: as the card quotes" />
        <SelectIn name="from" label="Counted from" choices={[{ value: "sent", label: "the hand-over" }, { value: "placed", label: "the order: that day is kept" }]} />
        <PercentIn name="most" label="Late at most" help="Empty: no bound" />
      </div>
      <Costs />
      <TextIn name="forbidden" label="Not allowed" help="Carriers, or a carrier and its service, with commas between" />
      <YesNo name="active" label="In use" />
      <TryIt />
    </Ask>
  );
}

function Costs() {
  const currency = (useWatch<Values, "currency">({ name: "currency" }) || "EUR").trim().toUpperCase();
  return (
    <>
      <div className="form-grid">
        <TextIn name="currency" label="Currency" required />
        <MoneyIn name="late" label="A late parcel costs" currency={currency} />
        <TextIn name="loss" label="A lost one, % of the goods" />
        <MoneyIn name="carbon" label="A tonne of CO2e" currency={currency} />
      </div>
      <div className="form-grid">
        <PercentIn name="explore" label="Tries the second best with" help="Of the parcels, at most 10 %; never where the day is at risk" />
        <MoneyIn name="budget" label="Trying may cost, a month" currency={currency} />
      </div>
    </>
  );
}

function TryIt() {
  const values = useWatch<Values>() as Values;
  const body = bodyOf(values, null);
  return (
    <PolicyTrial
      policy={{ code: null, late_cost: body.late_cost ?? 0, loss_ppm: body.loss_ppm ?? 0, most_late_ppm: body.most_late_ppm ?? null, carbon_price: body.carbon_price ?? 0, forbidden: body.forbidden ?? [] }}
    />
  );
}
