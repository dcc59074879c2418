import { useQuery } from "@tanstack/react-query";
import { answer, api, type Shape } from "@/api/client";
import { Money } from "@/parts/Money";
import { Scrolls } from "@/parts/Scrolls";
import { at } from "./order";

type Values = Shape<"ShipmentValues">;
type Shares = Shape<"ShareShown">;

export function useShipmentValues(order: string, enabled: boolean) {
  return useQuery({
    queryKey: ["fulfilments", "values", order],
    enabled,
    queryFn: () => answer(api.GET("/api/v1/orders/{order}/shipment-values", at(order))),
  });
}

/** A shipment's share of the order's money; opened, it shows its lines and what they are made of. */
export function ShipmentMoney({ values, id }: { values?: Values; id: string }) {
  const share = values?.shipments.find((s) => s.fulfilment_id === id);
  if (!values || !share) return null;
  return (
    <details className="decision">
      <summary>
        <span className="quiet">Worth</span> <Money amount={share.total} currency={values.currency} strong />
      </summary>
      <Opened share={share} currency={values.currency} />
    </details>
  );
}

/** What is in no shipment yet and what was cancelled, so that everything adds up to the order. */
export function SharesBelow({ values }: { values?: Values }) {
  if (!values || values.shipments.length === 0) return null;
  const rows: [string, number][] = [
    ["In shipments", values.in_shipments],
    ["In no shipment yet", values.rest.total],
    ["Cancelled", values.cancelled.total],
  ];
  return (
    <dl className="sums">
      {rows
        .filter(([, amount]) => amount !== 0)
        .map(([name, amount]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Money amount={amount} currency={values.currency} />
            </dd>
          </div>
        ))}
      <div className="sum">
        <dt>Ordered</dt>
        <dd>
          <Money amount={values.total} currency={values.currency} strong />
        </dd>
      </div>
    </dl>
  );
}

function Opened({ share, currency }: { share: Shares; currency: string }) {
  const parts: [string, number][] = [
    ["Goods", share.goods],
    ["Shipping", share.shipping],
    ["Discount, taken off", share.discount],
    ["Tax, included", share.tax],
  ];
  return (
    <div className="stack tight">
      <Scrolls name="Shares of the money">
        <table className="table">
          <thead>
            <tr>
              <th>Item</th>
              <th className="number">Units</th>
              <th className="number">Discount</th>
              <th className="number">Tax</th>
              <th className="number">Goods</th>
            </tr>
          </thead>
          <tbody>
            {share.lines.map((line) => (
              <tr key={line.line_no}>
                <td>
                  {line.title} <code className="faint small">{line.sku}</code>
                </td>
                <td className="number">{line.units}</td>
                <td className="number">
                  <Money amount={-line.discount} currency={currency} />
                </td>
                <td className="number">
                  <Money amount={line.tax} currency={currency} />
                </td>
                <td className="number">
                  <Money amount={line.goods} currency={currency} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolls>
      <dl className="sums flush">
        {parts.map(([name, amount]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Money amount={amount} currency={currency} />
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
