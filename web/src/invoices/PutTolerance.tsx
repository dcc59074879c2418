import Button from "@mui/material/Button";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useWatch } from "react-hook-form";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { MoneyIn, NumberIn, PercentIn, TextIn } from "@/parts/fields";
import { decimal } from "@/parts/Money";
import { useCan } from "@/parts/scopes";
import { useSeen } from "@/parts/seen";
import { toleranceBody, toleranceValues, type ToleranceInput, type ToleranceValues } from "./form";

export type Tolerance = Shape<"MatchTolerance">;

export function ToleranceButton() {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_settings")) return null;
  return (
    <>
      <Button variant="contained" color="primary" startIcon={<Plus size={14} />} onClick={() => setOpen(true)}>
        New tolerance
      </Button>
      {isOpen && <PutTolerance close={() => setOpen(false)} />}
    </>
  );
}

export function PutTolerance({ tolerance, close }: { tolerance?: Tolerance; close: () => void }) {
  const seen = useSeen(tolerance?.version ?? 0);
  const put = useWrite(
    ({ supplier, currency, body }: ToleranceInput, once) =>
      supplier
        ? answer(api.PUT("/api/v1/match-tolerances/{currency}/{supplier}", { params: { path: { currency, supplier } }, body, ...once }))
        : answer(api.PUT("/api/v1/match-tolerances/{currency}", { params: { path: { currency } }, body, ...once })),
    { touches: ["match-tolerances", "supplier-invoices", "supplier-credits"] },
  );
  return (
    <Ask<ToleranceValues, ToleranceInput>
      title={tolerance ? `Tolerance of ${tolerance.supplier || "all others"} in ${tolerance.currency}` : "New tolerance"}
      about="Invoices that wait are matched anew. What is approved already stays so."
      verb="Save"
      values={toleranceValues(tolerance)}
      input={(values) => toleranceBody(values, tolerance ? seen.version : null)}
      write={put}
      close={close}
      seen={tolerance ? seen : undefined}
      what="tolerance"
    >
      {!tolerance && (
        <div className="form-grid">
          <TextIn name="supplier" label="Supplier" mono help="Empty: all that have none of their own" autoFocus />
          <TextIn name="currency" label="Currency" required placeholder="EUR" />
        </div>
      )}
      <div className="form-grid">
        <PercentIn name="percent" label="Of the price" help="Whichever of these lets more through" autoFocus={Boolean(tolerance)} />
        <AmountIn />
        <NumberIn name="units" label="Units" min={0} help="Billed before they have come" />
      </div>
    </Ask>
  );
}

function AmountIn() {
  const currency = useWatch<ToleranceValues, "currency">({ name: "currency" }).trim().toUpperCase();
  return <MoneyIn name="amount" label="Or in all" currency={currency} help={`Once of a line or of the charges, such as ${decimal(500, currency || "EUR")}`} />;
}
