import { useNotify } from "ra-core";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { TextIn } from "@/parts/fields";
import { moneyText } from "@/parts/Money";
import { TOUCHES } from "./bill";

type Entered = { carrier: string; number: string; billed_on: string; currency: string };

/** The carrier's own file; which of its columns says what is kept with its terms. */
export function EnterCarrierInvoice({ close }: { close: () => void }) {
  const notify = useNotify();
  const [csv, setCsv] = useState("");
  const enter = useWrite(
    ({ carrier, ...body }: Shape<"CarrierInvoiceFile"> & { carrier: string }, once) => answer(api.POST("/api/v1/carriers/{carrier}/invoices", { params: { path: { carrier } }, body, ...once })),
    {
      touches: TOUCHES,
      done: (i) => notify(i.flagged ? `${i.flagged} of ${i.lines} lines are ${moneyText(i.over, i.currency)} too much.` : `All ${i.lines} lines are as quoted.`),
    },
  );
  return (
    <Ask<Entered, Shape<"CarrierInvoiceFile"> & { carrier: string }>
      title="Bring a carrier's invoice"
      about="As its own CSV file. Columns are found by the carrier's terms, else by our names: tracking_number, amount, kind, service, zone, weight_kg, reference."
      verb="Hold it against the labels"
      width="sm"
      values={{ carrier: "", number: "", billed_on: new Date().toISOString().slice(0, 10), currency: "EUR" }}
      input={({ carrier, currency, ...rest }) => ({ carrier: carrier.trim(), currency: currency.trim().toUpperCase(), ...rest, csv })}
      write={enter}
      close={close}
    >
      <div className="form-grid">
        <TextIn name="carrier" label="Carrier" required autoFocus mono />
        <TextIn name="number" label="Its number" required mono />
        <TextIn name="billed_on" label="Dated" type="date" required />
        <TextIn name="currency" label="Currency" required mono />
      </div>
      <label className="file-in">
        <span className="strong">The file</span>
        <input type="file" accept=".csv,text/csv" required onChange={(event) => void event.currentTarget.files?.[0]?.text().then(setCsv)} />
        {csv && <span className="quiet small">{csv.trim().split("\n").length - 1} lines</span>}
      </label>
    </Ask>
  );
}
