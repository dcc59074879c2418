import { Link } from "react-router";
import { Chip } from "@/parts/Chip";
import { Money } from "@/parts/Money";
import { Card } from "@/parts/Page";
import { useCan } from "@/parts/scopes";
import type { Line, Order } from "./order";

/** What was ordered, what of it comes from where and why, and what it costs, to the cent the server reckoned. */
export function Lines({ order }: { order: Order }) {
  const { currency } = order;
  const sums: [string, number][] = [
    ["Subtotal", order.subtotal],
    ["Discount", -order.discount],
    ["Shipping", order.shipping],
    [order.tax_inclusive ? "Tax, included" : "Tax", order.tax],
    ["Ordered", order.total],
    ["Cancelled", -order.cancelled_total],
  ];
  const needed = sums.filter(([name, amount]) => amount !== 0 && (name !== "Ordered" || order.cancelled_total !== 0));
  return (
    <Card title="Lines" count={order.lines.length} flush>
      <table className="table lines">
        <thead>
          <tr>
            <th>Item</th>
            <th className="number">Units</th>
            <th className="number wide">Shipped</th>
            <th className="number">Each</th>
            <th className="number wide">Discount</th>
            <th className="number">Total</th>
          </tr>
        </thead>
        <tbody>
          {order.lines.map((line) => (
            <LineRow key={line.line_no} line={line} order={order} />
          ))}
        </tbody>
      </table>
      <dl className="sums">
        {needed.map(([name, amount]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Money amount={amount} currency={currency} />
            </dd>
          </div>
        ))}
        <div className="sum">
          <dt>Total</dt>
          <dd>
            <Money amount={order.total_now} currency={currency} strong />
          </dd>
        </div>
      </dl>
    </Card>
  );
}

function LineRow({ line, order }: { line: Line; order: Order }) {
  const can = useCan();
  const { currency } = order;
  const mine = order.allocations.filter((a) => a.line_no === line.line_no && a.state !== "released");
  const discount = line.line_discount + line.order_discount;
  return (
    <tr data-gone={line.cancelled === line.quantity || undefined}>
      <td>
        <span className="strong">{line.title}</span>
        <p className="faint small mono">
          {can("read_catalog") ? <Link to={`/products/sku/${encodeURIComponent(line.sku)}`}>{line.sku}</Link> : line.sku}
        </p>
        {mine.length > 0 && (
          <ul className="allocations">
            {mine.map((a) => (
              <li key={a.id}>
                <Chip state={a.state} />
                <span className="nowrap">
                  {a.quantity} × {a.sku === line.sku ? "" : `${a.sku} `}
                  {can("read_stock") ? (
                    <Link className="link" to={`/stock/sku/${encodeURIComponent(a.sku)}`}>
                      {a.node}
                    </Link>
                  ) : (
                    a.node
                  )}
                </span>
                {a.why && <span className="faint">{a.why}</span>}
              </li>
            ))}
          </ul>
        )}
      </td>
      <td className="number">
        {line.quantity}
        {line.cancelled > 0 && <p className="faint small">{line.cancelled} cancelled</p>}
      </td>
      <td className="number wide">{line.shipped}</td>
      <td className="number">
        <Money amount={line.unit_amount} currency={currency} />
      </td>
      <td className="number wide">{discount > 0 ? <Money amount={-discount} currency={currency} /> : <span className="faint">–</span>}</td>
      <td className="number">
        <Money amount={line.total} currency={currency} />
        {line.cancelled_amount > 0 && (
          <p className="faint small">
            <Money amount={-line.cancelled_amount} currency={currency} />
          </p>
        )}
      </td>
    </tr>
  );
}
