import Button from "@mui/material/Button";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { MoneyIn, NumberIn, PercentIn, TextIn } from "@/parts/fields";
import type { Filter } from "@/parts/filters";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { decimal, minorUnits, Money } from "@/parts/Money";
import { percentOf, ppmOf } from "@/parts/percent";
import { useCan } from "@/parts/scopes";
import { useSeen } from "@/parts/seen";
import { Empty } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { SIBLINGS } from "./bill";

type Terms = Shape<"CarrierTerms"> & { id: string };

const COLUMNS: Column<Terms>[] = [
  { id: "carrier", label: "Carrier", sort: "carrier", grow: true, render: (t) => <span className="strong">{t.carrier === "*" ? "All others" : t.carrier}</span> },
  { id: "silent_days", label: "Silent after", align: "right", render: (t) => `${t.silent_days} d` },
  { id: "lost_days", label: "Lost after", align: "right", render: (t) => `${t.lost_days} d` },
  { id: "claim_days", label: "Claim within", align: "right", render: (t) => `${t.claim_days} d` },
  { id: "claim_limit", label: "Liable for", align: "right", render: (t) => (t.claim_limit === null ? <span className="quiet">The value</span> : <Money amount={t.claim_limit} currency={t.currency} />) },
  { id: "tolerance_amount", label: "Let through", align: "right", render: (t) => <>{percentOf(t.tolerance_ppm)} % or <Money amount={t.tolerance_amount} currency={t.currency} /></> },
  { id: "time_zone", label: "Clock", render: (t) => t.time_zone ?? <span className="faint">–</span> },
];

const FILTERS: Filter[] = [{ field: "carrier", label: "Carrier", kind: "text", operator: "eq" }];

export function TermsList() {
  const listing = useListing<Terms>("carrier-terms", { sort: "carrier" });
  const can = useCan();
  const [open, setOpen] = useState<Terms | "new" | null>(null);
  const columns: Column<Terms>[] = can("write_settings")
    ? [...COLUMNS, { id: "verbs", label: "", align: "right", render: (t) => <Button size="small" onClick={() => setOpen(t)}>Change</Button> }]
    : COLUMNS;
  return (
    <ListPage
      title="Terms of carriers"
      about="When a parcel counts as silent or lost, what a carrier is liable for, and by how much its charges may pass their quote."
      crumbs={[{ label: "Carrier invoices", to: "/carrier-invoices" }]}
      listing={listing}
      columns={columns}
      filters={FILTERS}
      siblings={SIBLINGS}
      actions={can("write_settings") && <Button onClick={() => setOpen("new")}>New terms</Button>}
      empty={<Empty title="No terms yet">Without any, a parcel is silent after 3 days and lost after 14, and no charge above its quote is let through.</Empty>}
    >
      {open && <PutTerms terms={open === "new" ? null : open} close={() => setOpen(null)} />}
    </ListPage>
  );
}

type Entered = {
  carrier: string; currency: string; time_zone: string; silent_days: string; lost_days: string; claim_days: string; claim_limit: string; effort: string;
  tolerance: string; tolerance_amount: string; columns: string;
};
type Body = Shape<"TermsBody"> & { carrier: string };

function PutTerms({ terms: t, close }: { terms: Terms | null; close: () => void }) {
  const seen = useSeen(t?.version ?? 1);
  const [secret, setSecret] = useState<string | null>(null);
  const put = useWrite(
    ({ carrier, ...body }: Body, once) => answer(api.PUT("/api/v1/carrier-terms/{carrier}", { params: { path: { carrier } }, body, ...once })),
    { touches: ["carrier-terms"] },
  );
  const rotate = useWrite(
    (carrier: string, once) => answer(api.POST("/api/v1/carrier-terms/{carrier}/secret", { params: { path: { carrier } }, ...once })),
    { touches: ["carrier-terms"], done: (said) => setSecret(said.secret) },
  );
  const currency = t?.currency ?? "EUR";
  return (
    <Ask<Entered, Body>
      title={t ? `Terms of ${t.carrier === "*" ? "all other carriers" : t.carrier}` : "New terms"}
      verb="Keep them"
      width="sm"
      values={{
        carrier: t?.carrier ?? "",
        currency,
        time_zone: t?.time_zone ?? "",
        silent_days: String(t?.silent_days ?? 3),
        lost_days: String(t?.lost_days ?? 14),
        claim_days: String(t?.claim_days ?? 30),
        claim_limit: t && t.claim_limit !== null ? decimal(t.claim_limit, currency) : "",
        effort: decimal(t?.effort ?? 0, currency),
        tolerance: percentOf(t?.tolerance_ppm ?? 0),
        tolerance_amount: decimal(t?.tolerance_amount ?? 0, currency),
        columns: Object.entries((t?.columns ?? {}) as Record<string, string>).map(([ours, theirs]) => `${ours} = ${theirs}`).join("\n"),
      }}
      input={(v) => ({
        carrier: v.carrier.trim(),
        currency: v.currency.trim().toUpperCase(),
        time_zone: v.time_zone.trim() || null,
        silent_days: Number(v.silent_days),
        lost_days: Number(v.lost_days),
        claim_days: Number(v.claim_days),
        claim_limit: v.claim_limit.trim() ? minorUnits(v.claim_limit, v.currency) : null,
        effort: minorUnits(v.effort || "0", v.currency) ?? 0,
        tolerance_ppm: ppmOf(v.tolerance || "0") ?? 0,
        tolerance_amount: minorUnits(v.tolerance_amount || "0", v.currency) ?? 0,
        columns: columnsOf(v.columns),
        ...(t ? { version: t.version } : {}),
      })}
      write={put}
      close={close}
      seen={t ? seen : undefined}
      what="terms"
    >
      <div className="form-grid">
        <TextIn name="carrier" label="Carrier" required disabled={t !== null} mono help="* is for all without terms of their own" />
        <TextIn name="currency" label="Currency" required mono />
        <TextIn name="time_zone" label="Clock of its events" help="Such as Europe/Berlin" />
        <NumberIn name="silent_days" label="Silent after days" min={1} max={365} />
        <NumberIn name="lost_days" label="Lost after days" min={1} max={365} />
        <NumberIn name="claim_days" label="Claim within days" min={1} max={365} />
        <MoneyIn name="claim_limit" label="Liable for a parcel" currency={currency} help="Empty: the goods' value" />
        <MoneyIn name="effort" label="A letter costs us" currency={currency} />
        <PercentIn name="tolerance" label="Let through" />
        <MoneyIn name="tolerance_amount" label="… or" currency={currency} />
      </div>
      <TextIn name="columns" label="Columns of its invoices" rows={3} mono help="One a line: tracking_number = Sendungsnummer" />
      {t && t.carrier !== "*" && (
        <div className="row wrap">
          <Button startIcon={<KeyRound size={14} />} loading={rotate.isPending} onClick={() => rotate.mutate(t.carrier)}>
            New secret for its events
          </Button>
          {secret && <code>{secret}</code>}
          {secret && <span className="quiet small">It is shown this once.</span>}
        </div>
      )}
    </Ask>
  );
}

/** `tracking_number = Sendungsnummer`, one a line. */
export function columnsOf(text: string): Record<string, string> {
  const pairs = text.split("\n").map((line) => {
    const at = line.indexOf("=");
    return [line.slice(0, at).trim(), line.slice(at + 1).trim()] as const;
  });
  return Object.fromEntries(pairs.filter(([ours, theirs]) => ours && theirs));
}
