import { NumberIn, SelectIn, TextIn } from "@/parts/fields";

const LINES = [
  { value: "", label: "Any" },
  { value: "single", label: "Of one line" },
  { value: "multi", label: "Of several lines" },
];
const COMPLETE = [
  { value: "", label: "Any" },
  { value: "whole", label: "That ship complete" },
  { value: "parts", label: "That may part" },
];

/** What goes into a wave; empty fields ask for nothing. */
export function FilterIn() {
  return (
    <>
      <div className="form-grid">
        <NumberIn name="hours" label="Due within hours" min={0} help="Of their cut-off" />
        <SelectIn name="lines" label="Orders" choices={LINES} />
        <SelectIn name="complete" label="Complete" choices={COMPLETE} />
      </div>
      <div className="form-grid">
        <TextIn name="services" label="Carrier or service" help="Several with commas" />
        <TextIn name="zones" label="Zones" help="All of it lies there" mono />
        <TextIn name="tags" label="Tags" help="Of the order or its customer" />
      </div>
      <div className="form-grid">
        <NumberIn name="most_orders" label="Orders at most" min={1} />
        <NumberIn name="most_lines" label="Lines at most" min={1} />
        <NumberIn name="most_units" label="Units at most" min={1} />
      </div>
      <TextIn name="channels" label="Channels" help="Empty: any" />
    </>
  );
}
