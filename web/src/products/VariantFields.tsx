import Button from "@mui/material/Button";
import { Plus } from "lucide-react";
import { useFieldArray, useWatch } from "react-hook-form";
import { MoneyIn, NumberIn, SelectIn, TextIn, YesNo } from "@/parts/fields";
import { Card } from "@/parts/Page";
import { NEW_VARIANT, type ProductValues } from "./form";
import { STATUSES } from "./product";
import { PriceFields } from "./PutPrices";

/** The SKUs of a product. Those that the API has are never taken away here: it keeps what is not named. */
export function VariantFields({ known }: { known: string[] }) {
  const { fields, append, remove } = useFieldArray<ProductValues, "variants">({ name: "variants" });
  return (
    <>
      {fields.map((row, index) => (
        <OneVariant
          key={row.id}
          name={`variants.${index}`}
          isKnown={known.includes(row.sku)}
          remove={fields.length > 1 && !known.includes(row.sku) ? () => remove(index) : undefined}
        />
      ))}
      <div>
        <Button startIcon={<Plus size={14} />} onClick={() => append(NEW_VARIANT)}>
          Add a SKU
        </Button>
      </div>
    </>
  );
}

function OneVariant({ name, isKnown, remove }: { name: `variants.${number}`; isKnown: boolean; remove?: () => void }) {
  const now = useWatch<ProductValues, `variants.${number}`>({ name });
  return (
    <Card
      title={now?.sku || "New SKU"}
      action={
        remove && (
          <Button variant="text" onClick={remove}>
            Leave it out
          </Button>
        )
      }
    >
      <div className="stack">
        <div className="form-grid">
          <TextIn name={`${name}.sku`} label="SKU" required disabled={isKnown} mono />
          <TextIn name={`${name}.title`} label="Title" placeholder="As the product's" />
          <TextIn name={`${name}.barcode`} label="Barcode" mono />
          <SelectIn name={`${name}.status`} label="Status" choices={STATUSES} />
        </div>
        <PriceFields name={`${name}.prices`} />
        <div className="form-grid">
          <MoneyIn name={`${name}.cost`} label="Cost" currency={now?.cost_currency.toUpperCase() || "EUR"} />
          <TextIn name={`${name}.cost_currency`} label="Cost in" placeholder="EUR" />
          <TextIn name={`${name}.tax`} label="Tax, per cent" required />
          <NumberIn name={`${name}.backorder_limit`} label="Sold beyond stock" min={0} required />
        </div>
        <div className="form-grid">
          <NumberIn name={`${name}.weight_grams`} label="Weight, g" min={0} required />
          <NumberIn name={`${name}.length_mm`} label="Length, mm" min={0} required />
          <NumberIn name={`${name}.width_mm`} label="Width, mm" min={0} required />
          <NumberIn name={`${name}.height_mm`} label="Height, mm" min={0} required />
        </div>
        <div className="form-grid">
          <TextIn name={`${name}.options`} label="Options" rows={2} help="One a line: colour: sage" />
          <TextIn name={`${name}.components`} label="Kit of" rows={2} help="One a line: 2 BOWL-SAGE" mono />
          <SelectIn name={`${name}.tracking`} label="Tracked by" choices={["none", "lot", "serial"]} />
        </div>
        <div className="form-grid">
          <TextIn name={`${name}.hs_code`} label="HS code" placeholder="691200" help="For customs" mono />
          <TextIn name={`${name}.origin_country`} label="Made in" placeholder="PT" />
          <TextIn name={`${name}.customs_title`} label="For customs it is" placeholder="As the title" />
        </div>
        <div className="form-grid">
          <SelectIn name={`${name}.temperature`} label="Kept" choices={["ambient", "chilled", "frozen"]} />
          <TextIn name={`${name}.hazard_class`} label="Class of dangerous goods" placeholder="UN class: 3" />
        </div>
        <YesNo name={`${name}.hazmat`} label="Dangerous goods" />
        <YesNo name={`${name}.keep_upright`} label="Packed upright: its height up and down" />
        <YesNo name={`${name}.fragile`} label="Fragile: nothing is packed above it" />
        <YesNo name={`${name}.ships_alone`} label="Goes in its own carton, which its size and weight are of" />
        <NumberIn name={`${name}.load_bearing_grams`} label="Bears above it, g" min={0} help="Empty: any weight" />
      </div>
    </Card>
  );
}
