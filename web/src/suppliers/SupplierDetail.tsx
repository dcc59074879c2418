import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { Chip } from "@/parts/Chip";
import { listHref } from "@/parts/links";
import { Money } from "@/parts/Money";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { percentOf } from "@/parts/percent";
import { Rows } from "@/parts/Rows";
import { useCan } from "@/parts/scopes";
import { Empty, Loaded } from "@/parts/states";
import { backTo, Neighbours } from "@/parts/walk";
import { When } from "@/parts/When";
import { ITEM_COLUMNS } from "./ItemList";
import { LeadTime } from "./LeadTime";
import { AddItemButton } from "./PutItem";
import { EditSupplierButton } from "./PutSupplier";
import { Scorecard } from "./Scorecard";
import { OPEN, orderDays, supplierHref, type Supplier } from "./supplier";

const SHOWN = 50;

export function SupplierDetail() {
  const { code = "" } = useParams();
  const can = useCan();
  const asked = useQuery({
    queryKey: ["suppliers", "detail", code],
    queryFn: () => answer(api.GET("/api/v1/suppliers/{supplier}", { params: { path: { supplier: code } } })),
  });
  const crumbs = [{ label: "Suppliers", to: backTo("suppliers", "/suppliers") }];
  return (
    <Loaded query={asked} frame={(inside) => <Page title={code} crumbs={crumbs}>{inside}</Page>}>
      {(s) => (
        <Page
          title={`${s.code} · ${s.name}`}
          crumbs={crumbs}
          chips={!s.active && <Chip state="inactive" label="Switched off" />}
          about={
            <span className="row wrap link">
              <Link to={listHref("list_suggestions", { supplier_eq: s.code, status_eq: "open" })}>What to order</Link>
              <Link to={listHref("list_purchase_orders", { supplier_eq: s.code })}>All its orders</Link>
              <Link to={listHref("list_supplier_invoices", { supplier_eq: s.code })}>Its invoices</Link>
              <Link to={listHref("list_supplier_claims", { supplier_eq: s.code })}>What it owes us</Link>
              {can("read_audit") && <Link to={`/audit?record_eq=${encodeURIComponent(`supplier:${s.code}`)}`}>Who changed it</Link>}
            </span>
          }
          actions={
            <>
              <Neighbours resource="suppliers" id={s.code} href={supplierHref} />
              <EditSupplierButton supplier={s} />
            </>
          }
        >
          <Columns
            main={
              <>
                <OpenOrders of={s} />
                <Scorecard supplier={s.code} />
                <Sells of={s} />
              </>
            }
            side={
              <>
                <LeadTime supplier={s.code} />
                <Terms of={s} />
              </>
            }
          />
        </Page>
      )}
    </Loaded>
  );
}

function Sells({ of: s }: { of: Supplier }) {
  const asked = useQuery({
    queryKey: ["supplier-items", "of", s.code],
    queryFn: () => answer(api.GET("/api/v1/supplier-items", { params: { query: { supplier_eq: s.code, sort: "sku", limit: SHOWN, page: 1 } } })),
  });
  const total = asked.data?.page.total ?? 0;
  return (
    <Card title="What it sells" count={asked.data && total} flush action={<AddItemButton supplier={s} />}>
      <Loaded query={asked}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title="It sells nothing yet">Nothing can be ordered here before you have said which SKUs it sells.</Empty>
          ) : (
            <>
              <Rows rows={data} keyOf={(item) => item.sku} columns={ITEM_COLUMNS} />
              {total > data.length && (
                <p className="card-line">
                  <Link className="link small" to={listHref("list_supplier_items", { supplier_eq: s.code })}>
                    All {total} SKUs
                  </Link>
                </p>
              )}
            </>
          )
        }
      </Loaded>
    </Card>
  );
}

function OpenOrders({ of: s }: { of: Supplier }) {
  const filters = { supplier_eq: s.code, status_in: [...OPEN] };
  const asked = useQuery({
    queryKey: ["purchase-orders", "open of", s.code],
    queryFn: () => answer(api.GET("/api/v1/purchase-orders", { params: { query: { ...filters, sort: "-created_at", limit: 10, page: 1 } } })),
  });
  const total = asked.data?.page.total ?? 0;
  return (
    <Card title="Open orders" count={asked.data && total} flush action={total > 10 && <Link className="link small" to={listHref("list_purchase_orders", filters)}>All of them</Link>}>
      <Loaded query={asked}>
        {({ data }) =>
          data.length === 0 ? (
            <p className="quiet card-line">Nothing is on order here.</p>
          ) : (
            <Rows
              rows={data}
              keyOf={(p) => p.id}
              columns={[
                { id: "number", label: "Order", grow: true, render: (p) => <Link className="link strong" to={`/purchases/${p.id}`}>{p.number}</Link> },
                { id: "node", label: "For", render: (p) => p.node },
                { id: "status", label: "Status", render: (p) => <Chip state={p.status} /> },
                { id: "expected_at", label: "Expected", render: (p) => p.expected_at && <When at={p.expected_at} /> },
                { id: "total", label: "Total", align: "right", render: (p) => <Money amount={p.total} currency={p.currency} /> },
              ]}
            />
          )
        }
      </Loaded>
    </Card>
  );
}

function Terms({ of: s }: { of: Supplier }) {
  return (
    <Card title="Terms">
      <Facts
        facts={[
          ["Currency", s.currency],
          ["Least value of an order", s.minimum_order ? <Money key="least" amount={s.minimum_order} currency={s.currency} /> : "none"],
          ["Takes orders", orderDays(s.order_weekdays as number[])],
          ["Closed on", (s.closed_dates as string[]).join(", ")],
          ["Days to pay", s.pay_days],
          ["Terms", s.terms],
          ["May send too much", s.over_ppm ? `${percentOf(s.over_ppm)} % of a line` : "no"],
          ["Rank", s.rank],
          ["Orders go to", s.email && <a key="mail" className="link" href={`mailto:${s.email}`}>{s.email}</a>],
        ]}
      />
    </Card>
  );
}
