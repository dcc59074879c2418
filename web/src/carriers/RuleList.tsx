import Button from "@mui/material/Button";
import Checkbox from "@mui/material/Checkbox";
import IconButton from "@mui/material/IconButton";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { Chip } from "@/parts/Chip";
import { decimal, minorUnits, moneyText } from "@/parts/Money";
import { percentOf, ppmOf } from "@/parts/percent";
import { moved } from "@/routing/rules";
import { fresh, KINDS, listOf, when, type Rule } from "./rules";

type Props = { rules: Rule[]; change?: (rules: Rule[]) => void };

/** Rules in the order in which they are asked. With `change` they can be written, moved and taken away. */
export function RuleList({ rules, change }: Props) {
  const [said, setSaid] = useState("");
  const move = (from: number, to: number) => {
    const rule = rules[from];
    if (!change || !rule || to < 0 || to >= rules.length) return;
    change(moved(rules, from, to));
    setSaid(`${KINDS[rule.kind].label} is rule ${to + 1} of ${rules.length}.`);
  };
  return (
    <>
      <ol className="rule-list">
        {rules.map((rule, at) => (
          <li key={at} className="rule-row" data-off={rule.active === false || undefined}>
            <OneRule rule={rule} at={at} change={change && ((next) => change(rules.map((r, n) => (n === at ? next : r))))} />
            {change && (
              <span className="rule-verbs">
                <IconButton aria-label={`Rule ${at + 1} earlier`} disabled={at === 0} onClick={() => move(at, at - 1)}><ArrowUp size={15} /></IconButton>
                <IconButton aria-label={`Rule ${at + 1} later`} disabled={at === rules.length - 1} onClick={() => move(at, at + 1)}><ArrowDown size={15} /></IconButton>
                <IconButton aria-label={`Take away rule ${at + 1}`} onClick={() => change(rules.filter((_, n) => n !== at))}><Trash2 size={15} /></IconButton>
              </span>
            )}
          </li>
        ))}
      </ol>
      <p className="sr-only" role="status">{said}</p>
      {change && <AddRule add={(kind) => change([...rules, fresh(kind)])} />}
    </>
  );
}

function AddRule({ add }: { add: (kind: Rule["kind"]) => void }) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  return (
    <>
      <Button startIcon={<Plus size={14} />} onClick={(event) => setAnchor(event.currentTarget)} aria-haspopup="menu">Add a rule</Button>
      <Menu anchorEl={anchor} open={anchor !== null} onClose={() => setAnchor(null)}>
        {(Object.keys(KINDS) as Rule["kind"][]).map((kind) => (
          <MenuItem
            key={kind}
            onClick={() => {
              add(kind);
              setAnchor(null);
            }}
          >
            {KINDS[kind].label}
          </MenuItem>
        ))}
      </Menu>
    </>
  );
}

function OneRule({ rule, at, change }: { rule: Rule; at: number; change?: (rule: Rule) => void }) {
  const known = KINDS[rule.kind];
  return (
    <div className="rule-what">
      <div className="row wrap">
        <span className="rule-place">{at + 1}</span>
        <span className="strong">{known.label}</span>
        {known.hard && <Chip state="hard" tone="warn" label="Always" />}
        <span>{(rule.services ?? []).join(" or ")}</span>
        <span className="quiet">for {when(rule)}</span>
        {change && (
          <label className="row small">
            <Checkbox size="small" checked={rule.active !== false} onChange={(event) => change({ ...rule, active: event.target.checked })} /> in use
          </label>
        )}
      </div>
      <p className="quiet small">{known.said}</p>
      {change ? <RuleFields rule={rule} change={change} /> : <p className="rule-told">{limits(rule)}</p>}
    </div>
  );
}

function limits(rule: Rule): string {
  const currency = rule.currency ?? "EUR";
  return [
    rule.limit_amount !== null && rule.limit_amount !== undefined ? moneyText(rule.limit_amount, currency) : null,
    rule.limit_ppm !== null && rule.limit_ppm !== undefined ? `${percentOf(rule.limit_ppm)} %` : null,
    rule.late_cost !== null && rule.late_cost !== undefined ? `a late parcel costs ${moneyText(rule.late_cost, currency)}` : null,
    rule.loss_ppm !== null && rule.loss_ppm !== undefined ? `a lost one ${rule.loss_ppm / 10_000} % of the goods` : null,
    rule.note,
  ].filter(Boolean).join("; ");
}

function RuleFields({ rule, change }: { rule: Rule; change: (rule: Rule) => void }) {
  const known = KINDS[rule.kind];
  const currency = rule.currency ?? "EUR";
  const set = (more: Partial<Rule>) => change({ ...rule, ...more });
  const list = (name: "channels" | "tags" | "countries" | "postcodes" | "nodes" | "services", label: string, hint?: string) => (
    <Typed label={label} hint={hint} value={(rule[name] ?? []).join(", ")} take={(text) => set({ [name]: listOf(name === "countries" ? text.toUpperCase() : text) })} />
  );
  const whole = (name: "over_grams" | "up_to_grams" | "within_days", label: string) => (
    <Typed label={label} value={rule[name] === null || rule[name] === undefined ? "" : String(rule[name])} take={(text) => set({ [name]: /^\d{1,7}$/.test(text.trim()) ? Number(text) : null })} />
  );
  const money = (name: "over_value" | "up_to_value" | "limit_amount" | "late_cost", label: string) => {
    const amount = rule[name];
    return (
      <Typed label={`${label}, ${currency}`} value={amount === null || amount === undefined ? "" : decimal(amount, currency)} take={(text) => set({ [name]: text.trim() ? minorUnits(text, currency) : null, currency })} />
    );
  };
  const three = (name: "hazmat" | "fragile", label: string) => (
    <TextField select size="small" label={label} value={rule[name] === null || rule[name] === undefined ? "" : String(rule[name])} onChange={(event) => set({ [name]: event.target.value === "" ? null : event.target.value === "true" })}>
      <MenuItem value="">any</MenuItem>
      <MenuItem value="true">yes</MenuItem>
      <MenuItem value="false">no</MenuItem>
    </TextField>
  );
  return (
    <>
      <div className="rule-fields">
        {known.services && list("services", "Services", "swiftway express, post")}
        {known.amount && money("limit_amount", known.amount)}
        {known.percent && <Typed label={`${known.percent}, %`} value={rule.limit_ppm === null || rule.limit_ppm === undefined ? "" : percentOf(rule.limit_ppm)} take={(text) => set({ limit_ppm: text.trim() ? ppmOf(text) : null })} />}
        {known.weights && money("late_cost", "A late parcel costs")}
        {known.weights && <Typed label="A lost one, % of the goods" value={rule.loss_ppm === null || rule.loss_ppm === undefined ? "" : String(rule.loss_ppm / 10_000)} take={(text) => set({ loss_ppm: text.trim() ? Math.round(Number(text) * 10_000) : null })} />}
        <Typed label="Why" value={rule.note ?? ""} take={(text) => set({ note: text.trim() || null })} />
      </div>
      <details className="decision">
        <summary>For which parcels</summary>
        <div className="rule-fields">
          {list("channels", "Channels", "web, store")}
          {list("tags", "Customer tags", "vip")}
          {list("countries", "To countries", "DE, AT")}
          {list("postcodes", "Postcodes begin with", "27498, 258")}
          {list("nodes", "From nodes")}
          {whole("over_grams", "Over, g")}
          {whole("up_to_grams", "Up to, g")}
          {money("over_value", "Worth more than")}
          {money("up_to_value", "Worth up to")}
          {three("hazmat", "Hazardous")}
          {three("fragile", "Fragile")}
          {whole("within_days", "Promised within, days")}
          <Typed label="Currency" value={currency} take={(text) => set({ currency: text.trim().toUpperCase() || null })} />
        </div>
      </details>
    </>
  );
}

/** A field that keeps what is typed as it is, and is read when it is left. */
function Typed({ label, hint, value, take }: { label: string; hint?: string; value: string; take: (text: string) => void }) {
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <TextField
      size="small"
      label={label}
      placeholder={hint}
      value={typed ?? value}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={() => {
        if (typed !== null && typed !== value) take(typed);
        setTyped(null);
      }}
    />
  );
}
