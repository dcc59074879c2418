import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { Chip } from "@/parts/Chip";
import { listHref } from "@/parts/links";
import { Card, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { useCan } from "@/parts/scopes";
import { Loaded } from "@/parts/states";
import { backTo, Neighbours } from "@/parts/walk";
import { When } from "@/parts/When";
import { NodeLink, SkuLink } from "@/stock/stock";
import { CountSheet } from "./CountSheet";

export function CountDetail() {
  const { id = "" } = useParams();
  const can = useCan();
  const asked = useQuery({
    queryKey: ["counts", "detail", id],
    queryFn: () => answer(api.GET("/api/v1/counts/{count_id}", { params: { path: { count_id: id } } })),
  });
  const crumbs = [{ label: "Counts", to: backTo("counts", "/counts") }];
  return (
    <Loaded query={asked} frame={(inside) => <Page title="Count" crumbs={crumbs}>{inside}</Page>}>
      {(count) => (
        <Page
          title={`Count of ${count.bin}`}
          crumbs={crumbs}
          chips={<Chip state={count.status} />}
          about={
            <>
              <NodeLink node={count.node} /> · begun <When at={count.created_at} />
            </>
          }
          actions={<Neighbours resource="counts" id={count.id} href={(other) => `/counts/${other}`} />}
        >
          {count.next.includes("posted") && can("write_stock") ? (
            <CountSheet key={count.id} count={count} />
          ) : (
            <Card
              title="Counted"
              flush
              action={
                <Link className="link small" to={listHref("list_movements", { cause_eq: `count:${count.id}` })}>
                  Its movements
                </Link>
              }
            >
              <Rows
                rows={count.lines}
                keyOf={(line) => `${line.sku}|${line.lot}`}
                columns={[
                  { id: "sku", label: "SKU", grow: true, render: (l) => <SkuLink sku={l.sku} /> },
                  { id: "lot", label: "Lot", render: (l) => l.lot || <span className="faint">–</span> },
                  { id: "expected", label: "At the beginning", align: "right", render: (l) => l.expected },
                  { id: "books", label: "Books when posted", align: "right", render: (l) => l.books ?? "–" },
                  { id: "counted", label: "Counted", align: "right", render: (l) => <span className="strong">{l.counted ?? "–"}</span> },
                ]}
              />
            </Card>
          )}
        </Page>
      )}
    </Loaded>
  );
}
