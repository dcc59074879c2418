import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { Link, useParams } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { moneyText } from "@/parts/Money";
import { Card, Page } from "@/parts/Page";
import { percentOf } from "@/parts/percent";
import { Rows } from "@/parts/Rows";
import { useCan } from "@/parts/scopes";
import { Empty, Loaded } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { reasonText } from "./return";

const REFUNDS: Record<string, string> = { approval: "When approved", handover: "When scanned", receipt: "When received" };
type Policy = Shape<"ReturnPolicy"> & { id: string };
type Rule = Policy["rules"][number];
const CRUMBS = [{ label: "Returns", to: "/returns" }];

const COLUMNS: Column<Policy>[] = [
  { id: "version", label: "Version", sort: "version", render: (p) => <span className="strong">{p.version}</span> },
  { id: "valid_from", label: "In force from", sort: "valid_from", render: (p) => <When at={p.valid_from} /> },
  { id: "note", label: "Note", grow: true, render: (p) => p.note ?? <span className="faint">–</span> },
  { id: "created_at", label: "Written", render: (p) => <When at={p.created_at} /> },
];

export function PolicyList() {
  const may = useCan()("write_settings");
  const listing = useListing<Policy>("return-policies", { sort: "-version" });
  return (
    <ListPage
      title="Return policy"
      about="Versions are added and never changed: an order keeps the one that was in force when it was placed."
      crumbs={CRUMBS}
      listing={listing}
      columns={COLUMNS}
      filters={[]}
      href={(p) => `/returns/policies/${p.version}`}
      actions={may && <Button component={Link} to="/returns/policies/new" variant="contained" color="primary" startIcon={<Plus size={14} />}>New version</Button>}
      empty={<Empty title="There is no policy yet">Until there is one, a person decides on every return.</Empty>}
    />
  );
}

export const usePolicy = (version: number, enabled = true) =>
  useQuery({
    queryKey: ["return-policies", "detail", version],
    enabled,
    queryFn: () => answer(api.GET("/api/v1/return-policies/{version}", { params: { path: { version } } })),
  });

export function PolicyDetail() {
  const { version = "" } = useParams();
  const asked = usePolicy(Number(version) || 0);
  const crumbs = [...CRUMBS, { label: "Policy", to: "/returns/policies" }];
  return (
    <Loaded query={asked} frame={(inside) => <Page title="Return policy" crumbs={crumbs}>{inside}</Page>}>
      {(p) => (
        <Page title={`Return policy, version ${p.version}`} crumbs={crumbs} about={<>In force from <When at={p.valid_from} />{p.note && <> · {p.note}</>}</>}>
          <Card title="Rules" count={p.rules.length} flush>
            <RuleRows rules={p.rules} />
          </Card>
        </Page>
      )}
    </Loaded>
  );
}

/** `Home > Kitchen · web · DE`, or everything. */
export const fitsText = (r: Pick<Rule, "category" | "channel" | "country" | "customer_class" | "reason">) =>
  [r.category, r.channel, r.country, r.customer_class, r.reason && reasonText(r.reason)].filter(Boolean).join(" · ") || "Everything";

/** What leads away from the usual path: goods that stay, and limits beyond which a person looks. */
export function pathTexts(r: Pick<Rule, "keep_below" | "carriage_amount" | "keep_currency" | "limit_returns" | "limit_ppm" | "limit_days">): string[] {
  const money = (amount: number) => moneyText(amount, r.keep_currency ?? "EUR");
  return [
    r.keep_below ? `stays up to ${money(r.keep_below)}` : "",
    r.carriage_amount ? `stays where it brings less than ${money(r.carriage_amount)}` : "",
    r.limit_returns ? `${r.limit_returns} returns in ${r.limit_days} days` : "",
    r.limit_ppm === null ? "" : `${percentOf(r.limit_ppm)} % of what was bought in ${r.limit_days} days`,
  ].filter(Boolean);
}

export function feeText(r: Pick<Rule, "fee_ppm" | "fee_amount" | "fee_currency">): string {
  const rate = r.fee_ppm ? `${percentOf(r.fee_ppm)} %` : "";
  const amount = r.fee_amount && r.fee_currency ? `${moneyText(r.fee_amount, r.fee_currency)} a unit` : "";
  return [rate, amount].filter(Boolean).join(" and ") || "None";
}

export const windowText = (r: Pick<Rule, "window_days" | "final_sale">) =>
  r.final_sale ? "Final sale" : r.window_days === null ? "Without an end" : `${r.window_days} days`;

function RuleRows({ rules }: { rules: Rule[] }) {
  return (
    <Rows
      rows={rules}
      keyOf={(r) => String(r.no)}
      columns={[
        { id: "no", label: "No", render: (r) => r.no },
        { id: "name", label: "Rule", grow: true, render: (r) => <><span className="strong">{r.name}</span><p className="faint small">{fitsText(r)}</p>{pathTexts(r).map((said) => <p key={said} className="faint small">{said}</p>)}</> },
        { id: "window_days", label: "Window", render: windowText },
        { id: "fee_ppm", label: "Fee", render: feeText },
        { id: "refund_when", label: "Refund", render: (r) => REFUNDS[r.refund_when] ?? r.refund_when },
        { id: "auto_approve", label: "Approved", render: (r) => (r.auto_approve ? "At once" : "By a person") },
        { id: "label_paid_by", label: "Label", render: (r) => (r.label_paid_by === "shop" ? "The shop" : "By fault") },
        { id: "refund_shipping", label: "Shipping", render: (r) => (r.refund_shipping ? "Its share" : "Kept") },
        { id: "credit_bonus_ppm", label: "Credit bonus", render: (r) => (r.credit_bonus_ppm ? `${percentOf(r.credit_bonus_ppm)} %` : "None") },
        { id: "refund_unsellable", label: "Worn units", render: (r) => (r.refund_unsellable ? "Paid for" : "Withheld") },
      ]}
    />
  );
}
