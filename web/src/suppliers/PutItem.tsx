import Button from "@mui/material/Button";
import IconButton from "@mui/material/IconButton";
import { Plus, X } from "lucide-react";
import { useNotify } from "ra-core";
import { useState } from "react";
import { useFieldArray, useFormContext } from "react-hook-form";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { MoneyIn, NumberIn, TextIn, YesNo } from "@/parts/fields";
import { useCan } from "@/parts/scopes";
import { useSeen } from "@/parts/seen";
import { SkuIn } from "@/parts/SkuIn";
import { itemBody, itemValues, type ItemValues } from "./form";
import { TOUCHES, type Item, type Supplier } from "./supplier";

type Input = { sku: string; body: Shape<"SupplierItemBody"> };

export function AddItemButton({ supplier }: { supplier: Supplier }) {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_purchasing")) return null;
  return (
    <>
      <Button startIcon={<Plus size={14} />} onClick={() => setOpen(true)}>
        Add a SKU
      </Button>
      {isOpen && <PutItem supplier={supplier.code} currency={supplier.currency} close={() => setOpen(false)} />}
    </>
  );
}

type Props = { supplier: string; currency: string; item?: Item; close: () => void };

/** How a supplier sells a SKU: what it calls it, what it costs, in which packs. */
export function PutItem({ supplier, currency, item, close }: Props) {
  const notify = useNotify();
  const seen = useSeen(item?.version ?? 0);
  const put = useWrite(
    ({ sku, body }: Input, once) =>
      answer(api.PUT("/api/v1/suppliers/{supplier}/items/{sku}", { params: { path: { supplier, sku } }, body, ...once })),
    { touches: TOUCHES, done: ({ sku }) => notify(`${sku} at ${supplier} is saved.`) },
  );
  return (
    <Ask<ItemValues, Input>
      title={item ? `${item.sku} at ${supplier}` : `A SKU that ${supplier} sells`}
      about="For orders from now on. Drafts and orders that were sent keep their costs."
      verb="Save"
      width="sm"
      values={itemValues(item)}
      input={(values) => {
        const body = itemBody(values, currency, item ? seen.version : null);
        return body && { sku: values.sku.trim(), body };
      }}
      write={put}
      close={close}
      seen={item ? seen : undefined}
      what="SKU"
    >
      {!item && <SkuIn name="sku" label="SKU" required autoFocus />}
      <div className="form-grid">
        <MoneyIn name="unit_cost" label="Unit cost" currency={currency} required autoFocus={Boolean(item)} />
        <NumberIn name="minimum_quantity" label="From how many units" min={1} required />
        <NumberIn name="case_pack" label="Units in a pack" min={1} required />
      </div>
      <Breaks currency={currency} />
      <div className="form-grid">
        <TextIn name="supplier_sku" label="What they call it" placeholder="As we do" mono />
        <NumberIn name="lead_days" label="Quoted lead time, days" min={0} max={730} help="Empty: the supplier's" />
        <NumberIn name="rank" label="Rank" min={0} help="Lower is asked first; empty: the supplier's" />
      </div>
      <YesNo name="active" label="May be ordered" help="Without it the SKU is blocked at this supplier." />
    </Ask>
  );
}

function Breaks({ currency }: { currency: string }) {
  const { fields, append, remove } = useFieldArray<ItemValues, "breaks">({ name: "breaks" });
  const { errors } = useFormContext<ItemValues>().formState;
  const said = errors.breaks?.message ?? errors.breaks?.root?.message;
  return (
    <div className="stack tight">
      {fields.map((row, at) => (
        <div key={row.id} className="price-break">
          <NumberIn name={`breaks.${at}.from_quantity`} label="From units" min={2} required />
          <MoneyIn name={`breaks.${at}.unit_cost`} label="Unit cost then" currency={currency} required />
          <IconButton aria-label={`Take price break ${at + 1} away`} onClick={() => remove(at)}>
            <X size={15} />
          </IconButton>
        </div>
      ))}
      {said && <p className="bad small">{said}</p>}
      <div>
        <Button variant="text" startIcon={<Plus size={14} />} onClick={() => append({ from_quantity: "", unit_cost: "" })}>
          Cheaper from a quantity on
        </Button>
      </div>
    </div>
  );
}
