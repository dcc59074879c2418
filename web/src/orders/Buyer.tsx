import { Link } from "react-router";
import { Card, Facts } from "@/parts/Page";
import { AddressText, type Address } from "@/parts/AddressText";
import { useCan } from "@/parts/scopes";
import { listHref } from "@/parts/links";
import { When } from "@/parts/When";
import type { Order } from "./order";
import { PlanShippingButton, shippingText } from "./PlanShipping";

export function Buyer({ order }: { order: Order }) {
  const can = useCan();
  const shipping = order.shipping_address as Address | null;
  const billing = order.billing_address as Address | null;
  return (
    <>
      <Card title="Customer">
        <div className="stack tight">
          {order.customer_id && can("read_customers") ? (
            <Link className="link strong" to={`/customers/${order.customer_id}`}>
              {shipping?.name ?? order.email ?? "Customer"}
            </Link>
          ) : (
            <span className="strong">{shipping?.name ?? order.email ?? "No customer"}</span>
          )}
          {order.email && (
            <Link className="link" to={listHref("list_orders", { email_eq: order.email })}>
              {order.email}
            </Link>
          )}
        </div>
      </Card>
      <Card title="Ships to">
        <AddressText address={shipping} />
        {billing && (
          <>
            <h3 className="above">Billed to</h3>
            <AddressText address={billing} />
          </>
        )}
      </Card>
      <Card title="Details">
        <Facts
          facts={[
            ["Prices", order.tax_inclusive ? "with tax" : "without tax"],
            ["Leaves", shippingText(order)],
            ["Delivered", order.delivered_at && <When at={order.delivered_at} />],
            ["Changed", <When key="u" at={order.updated_at} />],
            ["Version", order.version],
          ]}
        />
        <PlanShippingButton order={order} />
      </Card>
    </>
  );
}
