import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { Link, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { AddressText, type Address } from "@/parts/AddressText";
import { Chip, words } from "@/parts/Chip";
import { Count } from "@/parts/Count";
import { listHref } from "@/parts/links";
import { Money } from "@/parts/Money";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { useCan } from "@/parts/scopes";
import { Empty, Loaded } from "@/parts/states";
import { backTo, Neighbours } from "@/parts/walk";
import { When } from "@/parts/When";
import { RateOf, SignalsOf } from "@/returns/Signals";
import { EraseButton } from "./EraseCustomer";
import { StoreCredit } from "./StoreCredit";
import { EditCustomerButton } from "./PutCustomer";

export function CustomerDetail() {
  const { id = "" } = useParams();
  const can = useCan();
  const asked = useQuery({
    queryKey: ["customers", "detail", id],
    queryFn: () => answer(api.GET("/api/v1/customers/{customer_id}", { params: { path: { customer_id: id } } })),
  });
  const crumbs = [{ label: "Customers", to: backTo("customers", "/customers") }];
  return (
    <Loaded query={asked} frame={(inside) => <Page title="Customer" crumbs={crumbs}>{inside}</Page>}>
      {(customer) => {
        const addresses = (customer.addresses ?? []) as Address[];
        return (
          <Page
            title={customer.name ?? customer.email ?? (customer.erased_at ? "Erased customer" : "Customer without a name")}
            crumbs={crumbs}
            chips={<Chip state={customer.class} tone={customer.class === "standard" ? "mute" : "accent"} label={words(customer.class)} />}
            about={
              <>
                Customer since <When at={customer.created_at} />
                {customer.erased_at && <> · erased <When at={customer.erased_at} /></>}
              </>
            }
            actions={
              <>
                <Neighbours resource="customers" id={customer.id} href={(other) => `/customers/${other}`} />
                <EditCustomerButton customer={customer} />
                {can("read_orders") && can("read_notifications") && (
                  <Button component="a" href={`/api/v1/customers/${customer.id}/export`} download={`customer-${customer.id}.json`} startIcon={<Download size={14} />}>
                    All that is kept
                  </Button>
                )}
                {!customer.erased_at && <EraseButton id={customer.id} />}
              </>
            }
          >
            <Columns
              main={
                <>
                  {!customer.hidden.includes("orders") && (
                    <Card title="Bought so far" flush>
                      {customer.orders.length === 0 ? (
                        <Empty title="No orders yet" />
                      ) : (
                        <Rows
                          rows={customer.orders}
                          keyOf={(o) => o.currency}
                          columns={[
                            { id: "currency", label: "Currency", grow: true, render: (o) => o.currency },
                            { id: "orders", label: "Orders", align: "right", render: (o) => <Count value={o.orders} label={`orders in ${o.currency}`} to={listHref("list_orders", { customer_id_eq: customer.id, currency_eq: o.currency, status_in: ["placed", "held", "released", "partly_shipped", "shipped", "delivered", "closed"] })} /> },
                            { id: "total", label: "Worth", align: "right", render: (o) => <Money amount={o.total} currency={o.currency} strong /> },
                            { id: "first_at", label: "First", align: "right", wide: true, render: (o) => <When at={o.first_at} /> },
                            { id: "last_at", label: "Last", align: "right", render: (o) => <When at={o.last_at} /> },
                          ]}
                        />
                      )}
                    </Card>
                  )}
                  {can("read_orders") && <LastOrders id={customer.id} />}
                  <StoreCredit id={customer.id} />
                </>
              }
              side={
                <>
                  {can("read_orders") && <RateOf customer={customer.id} />}
                  {can("read_orders") && <SignalsOf of={{ customer_id_eq: customer.id }} />}
                  <Card title="Contact">
                    <Facts
                      facts={[
                        ["E-mail", customer.email],
                        ["Phone", customer.phone],
                        ["Reference", customer.external_ref],
                        ["Tags", customer.tags.join(", ")],
                        ["Changed", <When key="u" at={customer.updated_at} />],
                      ]}
                    />
                  </Card>
                  <Card title="Addresses" count={addresses.length}>
                    <div className="stack">
                      {addresses.map((address, at) => (
                        <AddressText key={at} address={address} />
                      ))}
                      {addresses.length === 0 && <p className="faint">None</p>}
                    </div>
                  </Card>
                </>
              }
            />
          </Page>
        );
      }}
    </Loaded>
  );
}

function LastOrders({ id }: { id: string }) {
  const asked = useQuery({
    queryKey: ["orders", "of", id],
    queryFn: () => answer(api.GET("/api/v1/orders", { params: { query: { customer_id_eq: id, limit: 10, sort: "-created_at" } } })),
  });
  return (
    <Card
      title="Last orders"
      flush
      action={
        <Link className="link small" to={listHref("list_orders", { customer_id_eq: id })}>
          All of them
        </Link>
      }
    >
      <Loaded query={asked}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title="No orders yet" />
          ) : (
            <Rows
              rows={data}
              keyOf={(o) => o.id}
              columns={[
                { id: "number", label: "Order", render: (o) => <Link className="strong link" to={`/orders/${o.id}`}>{o.number}</Link> },
                { id: "placed_at", label: "Placed", grow: true, render: (o) => <When at={o.placed_at} /> },
                { id: "status", label: "Status", render: (o) => <Chip state={o.status} /> },
                { id: "payment_status", label: "Payment", render: (o) => <Chip state={o.payment_status} /> },
                { id: "total", label: "Total", align: "right", render: (o) => <Money amount={o.total_now} currency={o.currency} /> },
              ]}
            />
          )
        }
      </Loaded>
    </Card>
  );
}
