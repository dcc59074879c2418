import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { answer, api } from "@/api/client";
import { Count } from "@/parts/Count";
import { ExportLink } from "@/parts/ExportLink";
import { listHref } from "@/parts/links";
import { Card, Facts, Page } from "@/parts/Page";
import { useCan } from "@/parts/scopes";
import { Siblings } from "@/parts/Siblings";
import { Empty, Loaded } from "@/parts/states";
import { daysText, LETTERS, MEASURES, POLICIES, serviceText, SIBLINGS, VARIES, type Class, type Policy } from "./policies";
import { PutClass } from "./PutClass";

export function useClasses() {
  return useQuery({
    queryKey: ["replenishment-classes", "all"],
    queryFn: () => answer(api.GET("/api/v1/replenishment-classes", { params: { query: { limit: 200 } } })),
  });
}

/** How each class is kept, as a table of three by three. */
export function Classes() {
  const asked = useClasses();
  return (
    <Page
      title="Replenishment classes"
      about={
        <>
          Every plan puts each SKU at each node into a class, and keeps it as its class says. A{" "}
          <Link className="link" to="/replenishment/rules">
            rule
          </Link>{" "}
          keeps one SKU at one node otherwise.
        </>
      }
      actions={<ExportLink file="replenishment_classes" />}
    >
      <div className="stack">
        <Siblings of={SIBLINGS} title="Replenishment" />
        <Card flush>
          <Loaded query={asked} lines={6}>
            {({ data }) =>
              data.length === 0 ? (
                <Empty title="No classes yet">The first plan makes them. Plan now from the suggestions.</Empty>
              ) : (
                <Matrix classes={new Map(data.map((c) => [c.code, c]))} />
              )
            }
          </Loaded>
        </Card>
        <Card title="What the policies do">
          <Facts facts={(Object.keys(POLICIES) as Policy[]).map((p) => [POLICIES[p].label, POLICIES[p].said])} />
        </Card>
        <Card title="What the words mean">
          <Facts
            facts={[
              ["Position", "What lies there and is on its way, less what is promised."],
              ["Reorder point", "What may be asked for until an order made now is there, with something on top for bad luck."],
              ["Service", `By units: ${MEASURES.fill.said}. By orders: ${MEASURES.cycle.said}.`],
            ]}
          />
        </Card>
      </div>
    </Page>
  );
}

function Matrix({ classes }: { classes: Map<string, Class> }) {
  return (
    <div className="table-scroll">
      <table className="table classes">
        <thead>
          <tr>
            <th scope="col">Class</th>
            {Object.entries(VARIES).map(([x, said]) => (
              <th key={x} scope="col">
                {x} <span className="faint">{said}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Object.entries(LETTERS).map(([letter, said]) => (
            <tr key={letter}>
              <th scope="row">
                <span className="strong">{letter}</span>
                <p className="faint small">{said}</p>
              </th>
              {Object.keys(VARIES).map((x) => (
                <td key={x}>
                  <One of={classes.get(letter + x)} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function One({ of }: { of: Class | undefined }) {
  const [isOpen, setOpen] = useState(false);
  const can = useCan();
  if (!of) return <span className="faint">–</span>;
  return (
    <div className="stack tight">
      <div className="row apart">
        <span className="strong" title={POLICIES[of.policy as Policy].said}>
          {of.policy}
        </span>
        {can("write_purchasing") && (
          <Button variant="text" aria-label={`Edit ${of.code}`} onClick={() => setOpen(true)}>
            Edit
          </Button>
        )}
      </div>
      <p>
        {serviceText(of.service_ppm)} <span className="quiet">{MEASURES[of.measured_by as keyof typeof MEASURES].label}</span>
      </p>
      <p className="quiet small">Looked at {daysText(of.review_days)}</p>
      <p className="small">
        <Count value={of.places} label={`places of ${of.code}`} to={listHref("list_replenishment_plans", { class_code_eq: of.code })} />{" "}
        <span className="quiet">{of.places === 1 ? "place" : "places"}</span>
      </p>
      {isOpen && <PutClass of={of} close={() => setOpen(false)} />}
    </div>
  );
}
