import Button from "@mui/material/Button";
import { Pencil, Plus } from "lucide-react";
import { useNotify } from "ra-core";
import { useState } from "react";
import { useFormContext, useWatch } from "react-hook-form";
import { useNavigate } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { MoneyIn, NumberIn, PercentIn, TextIn, YesNo } from "@/parts/fields";
import { useCan } from "@/parts/scopes";
import { useSeen } from "@/parts/seen";
import { supplierBody, supplierValues, type SupplierValues } from "./form";
import { DAYS, supplierHref, TOUCHES, type Supplier } from "./supplier";

type Input = { code: string; body: Shape<"SupplierBody"> };

export function NewSupplierButton() {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_purchasing")) return null;
  return (
    <>
      <Button variant="contained" color="primary" startIcon={<Plus size={14} />} onClick={() => setOpen(true)}>
        New supplier
      </Button>
      {isOpen && <PutSupplier close={() => setOpen(false)} />}
    </>
  );
}

export function EditSupplierButton({ supplier }: { supplier: Supplier }) {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_purchasing")) return null;
  return (
    <>
      <Button startIcon={<Pencil size={14} />} onClick={() => setOpen(true)}>
        Edit
      </Button>
      {isOpen && <PutSupplier supplier={supplier} close={() => setOpen(false)} />}
    </>
  );
}

export function PutSupplier({ supplier, close }: { supplier?: Supplier; close: () => void }) {
  const navigate = useNavigate();
  const notify = useNotify();
  const seen = useSeen(supplier?.version ?? 0);
  const put = useWrite(
    ({ code, body }: Input, once) => answer(api.PUT("/api/v1/suppliers/{supplier}", { params: { path: { supplier: code } }, body, ...once })),
    {
      touches: [...TOUCHES],
      done: (_, { code }) => {
        notify(`${code} is saved.`);
        if (!supplier) void navigate(supplierHref(code));
      },
    },
  );
  return (
    <Ask<SupplierValues, Input>
      title={supplier ? `Edit ${supplier.code}` : "New supplier"}
      about={supplier ? "Orders that are there keep their own currency and terms." : undefined}
      verb="Save"
      width="sm"
      values={supplierValues(supplier)}
      input={(values) => {
        const body = supplierBody(values, supplier ? seen.version : null);
        return body && { code: values.supplier.trim(), body };
      }}
      write={put}
      close={close}
      seen={supplier ? seen : undefined}
      what="supplier"
    >
      <div className="form-grid">
        {!supplier && <TextIn name="supplier" label="Code" required autoFocus mono help="Short, and for ever: HANSA" />}
        <TextIn name="name" label="Name" required autoFocus={Boolean(supplier)} />
        <TextIn name="email" label="E-mail for orders" type="email" />
      </div>
      <Terms />
      <OrderDays />
      <TextIn name="closed_dates" label="Closed on" placeholder="2026-12-25, 2027-01-01" />
      <YesNo name="active" label="Buy from it" help="Switched off, no plan buys here and no order can be drafted." />
    </Ask>
  );
}

function Terms() {
  const currency = useWatch<SupplierValues, "currency">({ name: "currency" }).trim().toUpperCase();
  return (
    <>
      <div className="form-grid">
        <TextIn name="currency" label="Currency" required placeholder="EUR" />
        <MoneyIn name="minimum_order" label="Least value of an order" currency={currency} help="Empty: none" />
        <NumberIn name="pay_days" label="Days to pay" min={0} max={730} required />
      </div>
      <TextIn name="terms" label="Terms" placeholder="30 days net, FOB Hamburg" help="As printed on an order" />
      <div className="form-grid">
        <NumberIn name="lead_days" label="Quoted lead time, days" min={0} max={730} required />
        <PercentIn name="over_ppm" label="May send too much, per cent" required help="Of a line, without being asked" />
        <NumberIn name="rank" label="Rank" min={0} required help="Lower is asked first" />
      </div>
    </>
  );
}

function OrderDays() {
  const { errors } = useFormContext<SupplierValues>().formState;
  const said = errors.order_weekdays?.message ?? errors.order_weekdays?.root?.message;
  return (
    <fieldset className="days">
      <legend>Takes orders on</legend>
      {DAYS.map((day, at) => (
        <YesNo key={day} name={`order_weekdays.${at}`} label={day} />
      ))}
      {said && <p className="bad small">{said}</p>}
    </fieldset>
  );
}
