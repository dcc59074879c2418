import Button from "@mui/material/Button";
import Checkbox from "@mui/material/Checkbox";
import FormControlLabel from "@mui/material/FormControlLabel";
import IconButton from "@mui/material/IconButton";
import TextField from "@mui/material/TextField";
import { Plus, Trash2 } from "lucide-react";
import type { KeyboardEvent } from "react";
import { minorUnits } from "@/parts/Money";
import { Card } from "@/parts/Page";
import { pasted, type Grid, type SurchargeRow, type Zone } from "./grid";

type Props = { grid: Grid; change?: (grid: Grid) => void };

const KINDS = ["fuel", "residential", "remote_area", "oversize", "peak", "handling"];
const NEW_SURCHARGE: SurchargeRow = {
  kind: "fuel", amount: "", percent: "", on_surcharges: false, country: "*", postcode_from: "", postcode_to: "",
  over_length_mm: "", over_length_and_girth_mm: "", over_weight_grams: "", from_date: "", to_date: "",
};

/** Prices, places and surcharges of a card. Arrow keys go from cell to cell; cells of a sheet can be pasted. */
export function CardGrid({ grid, change }: Props) {
  return (
    <>
      <Prices grid={grid} change={change} />
      <Places grid={grid} change={change} />
      <Surcharges grid={grid} change={change} />
      <Limits grid={grid} change={change} />
    </>
  );
}

function walk(event: KeyboardEvent<HTMLInputElement>): void {
  const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], Enter: [1, 0] }[event.key];
  if (!step) return;
  event.preventDefault();
  const cell = event.currentTarget.closest("td");
  const row = cell?.parentElement;
  const next = step[0] === 1 ? row?.nextElementSibling : row?.previousElementSibling;
  const at = cell ? [...(row?.children ?? [])].indexOf(cell) : -1;
  next?.children[at]?.querySelector("input")?.focus();
}

function Prices({ grid, change }: Props) {
  const set = (more: Partial<Grid>) => change?.({ ...grid, ...more });
  const price = (row: number, column: number, typed: string) =>
    set({ prices: grid.prices.map((line, r) => (r === row ? line.map((p, c) => (c === column ? typed : p)) : line)) });
  const rename = (column: number, typed: string) =>
    set({
      zones: grid.zones.map((z, c) => (c === column ? typed : z)),
      places: grid.places.map((p) => (p.zone === grid.zones[column] ? { ...p, zone: typed } : p)),
    });
  return (
    <Card
      title={`Prices in ${grid.currency}`}
      action={
        change && (
          <span className="row">
            <Button size="small" startIcon={<Plus size={13} />} onClick={() => set({ weights: [...grid.weights, ""], prices: [...grid.prices, grid.zones.map(() => "")] })}>Weight</Button>
            <Button size="small" startIcon={<Plus size={13} />} onClick={() => set({ zones: [...grid.zones, `Zone ${grid.zones.length + 1}`], prices: grid.prices.map((line) => [...line, ""]) })}>Zone</Button>
          </span>
        )
      }
    >
      <div className="scroll-x">
        <table className="rate-grid">
          <thead>
            <tr>
              <th>Up to, g</th>
              {grid.zones.map((zone, column) => (
                <th key={column}>
                  {change ? <input className="wide" aria-label={`Name of zone ${column + 1}`} value={zone} onChange={(event) => rename(column, event.target.value)} /> : zone}
                </th>
              ))}
              {change && <th aria-label="Take away" />}
            </tr>
          </thead>
          <tbody>
            {grid.weights.map((weight, row) => (
              <tr key={row}>
                <td>
                  <input aria-label={`Weight of row ${row + 1} in grams`} inputMode="numeric" readOnly={!change} value={weight} onKeyDown={walk} onChange={(event) => set({ weights: grid.weights.map((w, r) => (r === row ? event.target.value : w)) })} />
                </td>
                {grid.zones.map((zone, column) => {
                  const typed = grid.prices[row]?.[column] ?? "";
                  return (
                    <td key={column}>
                      <input
                        aria-label={`${zone} up to ${weight} g`}
                        aria-invalid={typed.trim() !== "" && minorUnits(typed, grid.currency) === null}
                        inputMode="decimal"
                        readOnly={!change}
                        value={typed}
                        onKeyDown={walk}
                        onChange={(event) => price(row, column, event.target.value)}
                        onPaste={(event) => {
                          const copied = event.clipboardData.getData("text");
                          if (!/[\t\n]/.test(copied)) return;
                          event.preventDefault();
                          set({ prices: pasted(grid.prices, row, column, copied) });
                        }}
                      />
                    </td>
                  );
                })}
                {change && (
                  <td>
                    <IconButton size="small" aria-label={`Take away row ${row + 1}`} onClick={() => set({ weights: grid.weights.filter((_, r) => r !== row), prices: grid.prices.filter((_, r) => r !== row) })}>
                      <Trash2 size={13} />
                    </IconButton>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {change && grid.zones.length > 1 && (
        <Button size="small" onClick={() => set({ zones: grid.zones.slice(0, -1), prices: grid.prices.map((line) => line.slice(0, -1)), places: grid.places.filter((p) => p.zone !== grid.zones.at(-1)) })}>
          Take away {grid.zones.at(-1)}
        </Button>
      )}
    </Card>
  );
}

type Field<Row> = { name: keyof Row & string; label: string; hint?: string };

/** Rows of words, one line each. */
function Lines<Row extends object>({ title, rows, fields, fresh, change, count }: { title: string; rows: Row[]; fields: Field<Row>[]; fresh: Row; change?: (rows: Row[]) => void; count: number }) {
  return (
    <Card title={title} count={count} action={change && <Button size="small" startIcon={<Plus size={13} />} onClick={() => change([...rows, { ...fresh }])}>Add</Button>}>
      {rows.length === 0 ? (
        <p className="quiet small">None.</p>
      ) : (
        <div className="scroll-x">
          <table className="rate-grid">
            <thead>
              <tr>
                {fields.map((f) => <th key={f.name}>{f.label}</th>)}
                {change && <th aria-label="Take away" />}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, at) => (
                <tr key={at}>
                  {fields.map((f) => {
                    const value = row[f.name];
                    const set = (next: unknown) => change?.(rows.map((r, n) => (n === at ? { ...r, [f.name]: next } : r)));
                    return (
                      <td key={f.name}>
                        {typeof value === "boolean" ? (
                          <Checkbox size="small" checked={value} disabled={!change} slotProps={{ input: { "aria-label": `${f.label} of line ${at + 1}` } }} onChange={(event) => set(event.target.checked)} />
                        ) : (
                          <input className="wide" list={f.name === "kind" ? "surcharge-kinds" : undefined} placeholder={f.hint} aria-label={`${f.label} of line ${at + 1}`} readOnly={!change} value={String(value)} onKeyDown={walk} onChange={(event) => set(event.target.value)} />
                        )}
                      </td>
                    );
                  })}
                  {change && (
                    <td>
                      <IconButton size="small" aria-label={`Take away line ${at + 1} of ${title.toLowerCase()}`} onClick={() => change(rows.filter((_, n) => n !== at))}>
                        <Trash2 size={13} />
                      </IconButton>
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}

function Places({ grid, change }: Props) {
  return (
    <Lines<Zone>
      title="Places"
      count={grid.places.length}
      rows={grid.places}
      fresh={{ zone: grid.zones[0] ?? "", origin: "*", country: "", postcode_from: "", postcode_to: "" }}
      change={change && ((places) => change({ ...grid, places }))}
      fields={[
        { name: "zone", label: "Zone" },
        { name: "country", label: "Country", hint: "DE or *" },
        { name: "postcode_from", label: "Postcodes from" },
        { name: "postcode_to", label: "to" },
        { name: "origin", label: "Sent from", hint: "node or *" },
      ]}
    />
  );
}

function Surcharges({ grid, change }: Props) {
  return (
    <>
      <datalist id="surcharge-kinds">{KINDS.map((kind) => <option key={kind} value={kind} />)}</datalist>
      <Lines<SurchargeRow>
        title="Surcharges"
        count={grid.surcharges.length}
        rows={grid.surcharges}
        fresh={NEW_SURCHARGE}
        change={change && ((surcharges) => change({ ...grid, surcharges }))}
        fields={[
          { name: "kind", label: "Kind" },
          { name: "amount", label: "Amount" },
          { name: "percent", label: "%" },
          { name: "on_surcharges", label: "On others" },
          { name: "country", label: "Country", hint: "*" },
          { name: "postcode_from", label: "Postcodes from" },
          { name: "postcode_to", label: "to" },
          { name: "over_length_mm", label: "Over mm long" },
          { name: "over_length_and_girth_mm", label: "Over mm girth" },
          { name: "over_weight_grams", label: "Over g" },
          { name: "from_date", label: "From day", hint: "2026-11-20" },
          { name: "to_date", label: "To day" },
        ]}
      />
    </>
  );
}

function Limits({ grid, change }: Props) {
  const field = (name: Exclude<keyof Grid, "takes_hazmat" | "takes_po_box" | "zones" | "weights" | "prices" | "places" | "surcharges">, label: string, help?: string) => (
    <TextField label={label} value={grid[name]} helperText={help} disabled={!change} onChange={(event) => change?.({ ...grid, [name]: event.target.value })} />
  );
  const flag = (name: "takes_hazmat" | "takes_po_box", label: string) => (
    <FormControlLabel control={<Checkbox checked={grid[name]} disabled={!change} onChange={(event) => change?.({ ...grid, [name]: event.target.checked })} />} label={label} />
  );
  return (
    <Card title="The service">
      <div className="rule-fields">
        {field("currency", "Currency")}
        {field("transit_days", "Quotes, days")}
        {field("cut_off", "Cut-off", "Such as 16:00, at the node")}
        {field("dimensional_divisor", "Dimensional divisor", "cm³ a kilogram")}
        {field("max_length_mm", "Longest side, mm")}
        {field("max_length_and_girth_mm", "Length and girth, mm")}
        {field("max_value", `Takes up to, ${grid.currency}`, "Value of the goods")}
        {field("co2_grams_per_tkm", "CO2e, g a tonne-km")}
        {field("co2_grams_per_parcel", "CO2e, g a parcel", "Counts in place of the distance")}
        {flag("takes_hazmat", "Takes hazardous goods")}
        {flag("takes_po_box", "Delivers to PO boxes")}
      </div>
    </Card>
  );
}
