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
import { choiceText, gradeText } from "./return";

type Terms = Shape<"DispositionTerms"> & { id: string };
type Rule = Shape<"DispositionTermsRules">;
const CRUMBS = [{ label: "Returns", to: "/returns" }, { label: "What becomes of them", to: "/returns/dispositions" }];

const COLUMNS: Column<Terms>[] = [
  { id: "version", label: "Version", sort: "version", render: (t) => <span className="strong">{t.version}</span> },
  { id: "created_at", label: "In force from", sort: "created_at", render: (t) => <When at={t.created_at} /> },
  { id: "vendors", label: "Suppliers that take units back", render: (t) => (t.vendors as string[]).join(", ") || <span className="faint">–</span> },
  { id: "note", label: "Note", grow: true, render: (t) => t.note ?? <span className="faint">–</span> },
];

export function TermsList() {
  const may = useCan()("write_settings");
  const listing = useListing<Terms>("disposition-terms", { sort: "-version" });
  return (
    <ListPage
      title="Terms"
      about="What a unit is expected to bring, by what becomes of it. Versions are added and never changed; what was decided stays."
      crumbs={CRUMBS}
      listing={listing}
      columns={COLUMNS}
      filters={[]}
      href={(t) => `/returns/terms/${t.version}`}
      actions={may && <Button component={Link} to="/returns/terms/new" variant="contained" color="primary" startIcon={<Plus size={14} />}>New version</Button>}
      empty={<Empty title="There are none yet">Until there are, <Link className="link" to="/returns/terms/0">those that a shop begins with</Link> count.</Empty>}
    />
  );
}

export const useTerms = (version: number) =>
  useQuery({
    queryKey: ["disposition-terms", "detail", version],
    queryFn: () => answer(api.GET("/api/v1/disposition-terms/{version}", { params: { path: { version } } })),
  });

export function TermsDetail() {
  const { version = "" } = useParams();
  const asked = useTerms(Number(version) || 0);
  const crumbs = [...CRUMBS, { label: "Terms", to: "/returns/terms" }];
  return (
    <Loaded query={asked} frame={(inside) => <Page title="Terms" crumbs={crumbs}>{inside}</Page>}>
      {(t) => (
        <Page
          title={t.version ? `Terms, version ${t.version}` : "Terms that a shop begins with"}
          crumbs={crumbs}
          about={<>{t.created_at && <>In force from <When at={t.created_at} /></>}{t.note && <> · {t.note}</>}{(t.vendors as string[]).length > 0 && <> · taken back by {(t.vendors as string[]).join(", ")}</>}</>}
        >
          <Card title="For one unit" count={t.rules.length} flush>
            <TermsRows rules={t.rules} />
          </Card>
        </Page>
      )}
    </Loaded>
  );
}

/** `5 % and 1.20 EUR`: what work and freight take. */
export function costText(r: Pick<Rule, "cost_ppm" | "cost_amount" | "freight_amount" | "currency">): string {
  const money = (amount: number) => (amount && r.currency ? moneyText(amount, r.currency) : "");
  return [r.cost_ppm ? `${percentOf(r.cost_ppm)} %` : "", money(r.cost_amount), r.freight_amount ? `${money(r.freight_amount)} freight` : ""].filter(Boolean).join(" and ") || "None";
}

function TermsRows({ rules }: { rules: Rule[] }) {
  return (
    <Rows
      rows={rules}
      keyOf={(r) => String(r.no)}
      columns={[
        { id: "no", label: "No", render: (r) => r.no },
        { id: "grade", label: "Graded", render: (r) => gradeText(r.grade) },
        { id: "choice", label: "Becomes", grow: true, render: (r) => <><span className="strong">{choiceText(r.choice)}</span><p className="faint small">{[r.category, r.currency].filter(Boolean).join(" · ")}</p></> },
        { id: "share_ppm", label: "Of its price", align: "right", render: (r) => `${percentOf(r.share_ppm)} %` },
        { id: "chance_ppm", label: "Chance", align: "right", render: (r) => `${percentOf(r.chance_ppm)} %` },
        { id: "cost_ppm", label: "Cost", render: costText },
      ]}
    />
  );
}
