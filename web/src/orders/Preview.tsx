import type { Shape } from "@/api/client";
import { Chip } from "@/parts/Chip";
import { Money } from "@/parts/Money";

type StockChange = { sku: string; node: string; state: string; quantity: number };

type ComesFrom = Shape<"EditedLine">["comes"][number];

/** Where units come from that are added or moved, and the day on which they leave. */
export function comesWords(part: ComesFrom, sku: string): string {
  const what = part.sku === sku ? `${part.quantity}` : `${part.quantity} ${part.sku}`;
  const from = part.moved_from ? `${what} from ${part.node} instead of ${part.moved_from}` : `${what} from ${part.node}`;
  const waits = part.waits ? ", beyond stock" : "";
  return part.promised_on ? `${from}${waits}, to leave by ${part.promised_on}` : `${from}${waits}, no day is known`;
}

/** What an edit would do to the money and the stock, and what stands in its way: the server's reckoning. */
export function Preview({ preview, currency }: { preview: Shape<"EditPreview">; currency: string }) {
  const { money, obstacles } = preview;
  const { lines } = preview;
  const stock = preview.stock as StockChange[];
  const rows: [string, number | undefined][] = [
    ["Total now", money.total_before],
    ["Total then", money.total_after],
    ["Paid or authorised", money.covered],
  ];
  const difference = money.difference ?? 0;
  return (
    <div className="stack" role="status">
      {obstacles.length > 0 && (
        <div className="problem">
          <ul>
            {obstacles.map((obstacle) => (
              <li key={obstacle}>{obstacle}</li>
            ))}
          </ul>
        </div>
      )}
      <dl className="sums flush">
        {rows.map(([name, amount]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Money amount={amount ?? 0} currency={currency} />
            </dd>
          </div>
        ))}
        <div className="sum">
          <dt>{difference < 0 ? "Goes back" : "Comes on top"}</dt>
          <dd>
            <Money amount={Math.abs(difference)} currency={currency} strong />
          </dd>
        </div>
      </dl>
      {lines.length > 0 && (
        <ul className="stack tight">
          {lines.map((line) => (
            <li key={line.line_no}>
              <div className="row apart">
                <code className="ellipsis">{line.sku}</code>
                <span className="nowrap">
                  {line.quantity_before} → {line.quantity_after} · <Money amount={line.total_before} currency={currency} /> →{" "}
                  <Money amount={line.total_after} currency={currency} />
                </span>
              </div>
              {line.comes.map((part) => (
                <p key={`${part.sku}${part.node}${part.moved_from ?? ""}${part.waits}`} className="quiet small">
                  {comesWords(part, line.sku)}
                </p>
              ))}
              {line.stays.map((part) => (
                <p key={`${part.sku}${part.node}${part.state}`} className="faint small">
                  {part.quantity} {part.state} at {part.node}: stays as it is
                </p>
              ))}
            </li>
          ))}
        </ul>
      )}
      {stock.length > 0 && (
        <ul className="stack tight">
          {stock.map((change) => (
            <li key={`${change.sku}${change.node}${change.state}`} className="row apart">
              <span className="row">
                <Chip state={change.state} />
                <span className="quiet">
                  {change.sku} at {change.node}
                </span>
              </span>
              <span className="nowrap">{change.quantity > 0 ? `+${change.quantity}` : String(change.quantity).replace("-", "−")}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
