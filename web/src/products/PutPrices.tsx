import Button from "@mui/material/Button";
import { Plus } from "lucide-react";
import { useNotify } from "ra-core";
import { useState } from "react";
import { useFieldArray, useWatch } from "react-hook-form";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { MoneyIn, TextIn } from "@/parts/fields";
import { decimal, minorUnits } from "@/parts/Money";
import { useCan } from "@/parts/scopes";

type Body = Shape<"PricesBody">;
type Values = { prices: { currency: string; amount: string }[] };
type Priced = { sku: string; prices: { currency: string; amount: number }[] };

export function PricesButton({ variant }: { variant: Priced }) {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_catalog")) return null;
  return (
    <>
      <Button variant="text" onClick={() => setOpen(true)}>
        Prices
      </Button>
      {isOpen && <PutPrices variant={variant} close={() => setOpen(false)} />}
    </>
  );
}

function PutPrices({ variant, close }: { variant: Priced; close: () => void }) {
  const notify = useNotify();
  const put = useWrite(
    (body: Body, once) => answer(api.PUT("/api/v1/variants/{sku}/prices", { params: { path: { sku: variant.sku } }, body, ...once })),
    { touches: ["variants", "products"], done: () => notify(`${variant.sku} has its new prices.`) },
  );
  return (
    <Ask<Values, Body>
      title={`Prices of ${variant.sku}`}
      about="For orders from now on. Orders keep the prices they were placed at."
      verb="Save"
      values={{ prices: variant.prices.map((p) => ({ currency: p.currency, amount: decimal(p.amount, p.currency) })) }}
      input={({ prices }) => {
        const told = prices.map((p) => [p.currency.trim().toUpperCase(), minorUnits(p.amount, p.currency.trim().toUpperCase())] as const);
        return told.some(([, minor]) => minor === null) ? null : { prices: Object.fromEntries(told) as Record<string, number> };
      }}
      write={put}
      close={close}
    >
      <PriceFields name="prices" />
    </Ask>
  );
}

/** Amounts by currency. A currency that is there stays: the API sets prices and takes none away. */
export function PriceFields({ name }: { name: string }) {
  const { fields, append } = useFieldArray({ name });
  const now = useWatch({ name }) as Values["prices"] | undefined;
  return (
    <div className="stack tight">
      {fields.map((row, index) => (
        <div key={row.id} className="form-grid">
          <TextIn name={`${name}.${index}.currency`} label="Currency" required placeholder="EUR" />
          <MoneyIn name={`${name}.${index}.amount`} label="Price" required currency={now?.[index]?.currency.toUpperCase() ?? "EUR"} />
        </div>
      ))}
      <div>
        <Button startIcon={<Plus size={14} />} onClick={() => append({ currency: "", amount: "" })}>
          Add a currency
        </Button>
      </div>
    </div>
  );
}
