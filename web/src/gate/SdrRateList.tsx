import Button from "@mui/material/Button";
import { Plus } from "lucide-react";
import { useNotify } from "ra-core";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { TextIn } from "@/parts/fields";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { useCan } from "@/parts/scopes";
import { useSeen } from "@/parts/seen";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { millionthsOf, rateText, SIBLINGS } from "./gate";

type Rate = Shape<"SdrRate">;
type Row = Rate & { id: string };
type Body = Shape<"SdrRateBody">;
type Values = { currency: string; rate: string; as_of: string; source: string };

/** What a special drawing right is worth: 300 of them are the limit of CN 22. */
export function SdrRateList() {
  const can = useCan();
  const [open, setOpen] = useState<Rate | "new" | null>(null);
  const listing = useListing<Row>("sdr-rates", { sort: "currency" });
  const columns: Column<Row>[] = [
    { id: "currency", label: "Currency", sort: "currency", render: (r) => <span className="strong">{r.currency}</span> },
    { id: "millionths", label: "One SDR is", align: "right", render: (r) => `${rateText(r.millionths)} ${r.currency}` },
    { id: "as_of", label: "As of", render: (r) => r.as_of },
    { id: "source", label: "Told by", grow: true, render: (r) => r.source },
    { id: "updated_at", label: "Put in", sort: "updated_at", render: (r) => <When at={r.updated_at} /> },
    { id: "verbs", label: "", align: "right", render: (r) => can("write_settings") && <Button variant="text" onClick={() => setOpen(r)}>Change</Button> },
  ];
  return (
    <ListPage
      title="Worth of an SDR"
      about="Special drawing rights of the International Monetary Fund: contents of up to 300 go under CN 22. A currency that is not here is always told on CN 23."
      listing={listing}
      columns={columns}
      filters={[]}
      siblings={SIBLINGS}
      actions={can("write_settings") && <Button variant="contained" startIcon={<Plus size={14} />} onClick={() => setOpen("new")}>New currency</Button>}
      empty={<Empty title="No currency yet">Every declaration is CN 23 until one is put in.</Empty>}
    >
      {open && <PutRate rate={open === "new" ? undefined : open} close={() => setOpen(null)} />}
    </ListPage>
  );
}

function PutRate({ rate, close }: { rate?: Rate; close: () => void }) {
  const notify = useNotify();
  const seen = useSeen(rate?.version ?? 0);
  const put = useWrite(
    ({ currency, body }: { currency: string; body: Body }, once) => answer(api.PUT("/api/v1/sdr-rates/{currency}", { params: { path: { currency } }, body, ...once })),
    { touches: ["sdr-rates"], done: (made) => notify(`An SDR is ${rateText(made.millionths)} ${made.currency}.`) },
  );
  return (
    <Ask<Values, { currency: string; body: Body }>
      title={rate ? `SDR in ${rate.currency}` : "New currency"}
      about="The fund tells the value of each day on its site."
      verb="Save"
      values={{ currency: rate?.currency ?? "EUR", rate: rate ? rateText(rate.millionths) : "", as_of: rate?.as_of ?? new Date().toISOString().slice(0, 10), source: rate?.source ?? "International Monetary Fund" }}
      input={({ currency, rate: typed, as_of, source }) => {
        const millionths = millionthsOf(typed);
        if (millionths === null) {
          notify("Write the worth of one SDR as a number, such as 1.21.", { type: "warning" });
          return null;
        }
        return { currency: currency.trim().toUpperCase(), body: { millionths, as_of, source: source.trim(), version: rate ? seen.version : null } };
      }}
      write={put}
      close={close}
      seen={rate && seen}
      what="rate"
    >
      <div className="form-grid">
        {!rate && <TextIn name="currency" label="Currency" required autoFocus />}
        <TextIn name="rate" label="One SDR is" required mono placeholder="1.21" />
        <TextIn name="as_of" label="As of" type="date" required />
      </div>
      <TextIn name="source" label="Told by" required />
    </Ask>
  );
}
