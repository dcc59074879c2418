import { useQuery } from "@tanstack/react-query";
import { CheckCheck, PackageX } from "lucide-react";
import { Link, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { Actions, type Verb } from "@/parts/Actions";
import { Chip, words } from "@/parts/Chip";
import { Money } from "@/parts/Money";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { useCan } from "@/parts/scopes";
import { Loaded } from "@/parts/states";
import { backTo, Neighbours } from "@/parts/walk";
import { When } from "@/parts/When";
import { NodeLink, SkuLink } from "@/stock/stock";
import { SupplierLink } from "@/suppliers/supplier";
import { Decide, Dispose } from "./Decide";
import { limitsText, type Inspection } from "./inspection";
import { Findings, SampleSheet } from "./SampleSheet";

const VERBS: Record<string, Verb<Inspection>> = {
  decide: { label: "Decide", icon: CheckCheck, scope: "judge_goods", dialog: Decide },
  dispose: { label: "Dispose of rejected", icon: PackageX, tone: "primary", scope: "judge_goods", dialog: Dispose },
};

export function InspectionDetail() {
  const { id = "" } = useParams();
  const can = useCan();
  const asked = useQuery({
    queryKey: ["inspections", "detail", id],
    queryFn: () => answer(api.GET("/api/v1/inspections/{inspection_id}", { params: { path: { inspection_id: id } } })),
  });
  const crumbs = [{ label: "Inspections", to: backTo("inspections", "/inspections") }];
  return (
    <Loaded query={asked} frame={(inside) => <Page title="Inspection" crumbs={crumbs}>{inside}</Page>}>
      {(inspection) => (
        <Page
          title={inspection.number}
          crumbs={crumbs}
          chips={<Chip state={inspection.status} />}
          about={
            <>
              {inspection.quantity} <SkuLink sku={inspection.sku} /> from <SupplierLink supplier={inspection.supplier} /> at{" "}
              <NodeLink node={inspection.node} /> · <When at={inspection.created_at} />
            </>
          }
          actions={
            <>
              <Neighbours resource="inspections" id={inspection.id} href={(other) => `/inspections/${other}`} />
              <Actions record={inspection} next={inspection.next} verbs={VERBS} />
            </>
          }
        >
          <Columns
            main={
              <>
                {inspection.sample_size !== null && <Verdict of={inspection} />}
                {inspection.sample_size !== null && inspection.next.includes("sample") && can("judge_goods") ? (
                  <SampleSheet key={inspection.id} inspection={inspection} size={inspection.sample_size} />
                ) : (
                  <Findings inspection={inspection} />
                )}
                <Dispositions of={inspection} />
              </>
            }
            side={
              <>
                <Units of={inspection} />
                <LooksAt of={inspection} />
              </>
            }
          />
        </Page>
      )}
    </Loaded>
  );
}

/** How the sample comes to its verdict: what the tables ask for, beside what was found. */
function Verdict({ of: i }: { of: Inspection }) {
  return (
    <Card title="Sample" action={i.verdict ? <Chip state={i.verdict} tone={i.verdict === "rejected" ? "bad" : undefined} /> : <span className="quiet small">no verdict yet</span>}>
      <div className="stack">
        {i.verdict && <p role="status" className="strong">{words(i.verdict)}: {i.verdict_why}.</p>}
        <Facts
          facts={[
            ["Looked at", `${i.sampled} of ${i.sample_size ?? 0} units, of a lot of ${i.quantity}`],
            ["Nonconforming", <span key="bad" className={i.nonconforming > (i.accept_number ?? 0) ? "minus" : undefined}>{i.nonconforming}</span>],
            ["Accepts up to", i.accept_number],
            ["Rejects from", i.reject_number],
            ["From the tables", `ISO 2859-1, level ${i.level ?? ""}, AQL ${i.aql ?? ""}, ${i.severity ?? ""} inspection, letter ${i.letter ?? ""}`],
          ]}
        />
      </div>
    </Card>
  );
}

function Units({ of: i }: { of: Inspection }) {
  return (
    <Card title="Units">
      <Facts
        facts={[
          ["Came", i.quantity],
          ["Accepted", i.accepted],
          ["Rejected", i.rejected],
          ["Await a decision", i.awaiting],
          ["Rejected and still there", i.to_dispose],
          ["Lot", i.lot],
          ["They lie in", words(i.stock_status)],
          ["Looked at", i.method === "sample" ? "by sample" : "unit by unit"],
          ["Why", i.why],
          ["Mended of", i.parent_id && <Link className="link" to={`/inspections/${i.parent_id}`}>another inspection</Link>],
        ]}
      />
    </Card>
  );
}

function LooksAt({ of: i }: { of: Inspection }) {
  if (i.characteristics.length === 0) return null;
  return (
    <Card title="What is looked at" flush>
      <Rows
        rows={i.characteristics}
        keyOf={(c) => String(c.no)}
        columns={[
          { id: "name", label: "Characteristic", grow: true, render: (c) => <span title={c.name}>{c.name}</span> },
          { id: "low", label: "Limits", render: (c) => limitsText(c) || (c.kind === "measured" ? "none" : "yes or no") },
          { id: "critical", label: "", render: (c) => c.critical && <Chip state="critical" tone="bad" /> },
        ]}
      />
    </Card>
  );
}

function Dispositions({ of: i }: { of: Inspection }) {
  if (i.dispositions.length === 0) return null;
  return (
    <Card title="What became of rejected units" flush>
      <Rows
        rows={i.dispositions}
        keyOf={(d) => d.id}
        columns={[
          { id: "kind", label: "What", render: (d) => words(d.kind) },
          { id: "quantity", label: "Units", align: "right", render: (d) => d.quantity },
          { id: "reason", label: "Why", grow: true, render: (d) => d.reason },
          { id: "claim", label: "Asked back", align: "right", render: (d) => <Money amount={d.claim} currency={d.currency} /> },
          { id: "rework_id", label: "", render: (d) => d.rework_id && <Link className="link small" to={`/inspections/${d.rework_id}`}>Looked at again</Link> },
          { id: "at", label: "When", render: (d) => <When at={d.at} /> },
        ]}
      />
    </Card>
  );
}
