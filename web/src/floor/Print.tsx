import { createPortal } from "react-dom";
import type { Shape } from "@/api/client";
import { code128 } from "./code128";

type Bench = Shape<"Bench">;
type Parcel = Shape<"BenchParcel">;

/** A tracking number as bars, drawn to the width of its box. */
export function Barcode({ text }: { text: string }) {
  const widths = code128(text);
  const whole = widths.reduce((sum, width) => sum + width, 0);
  let x = 0;
  return (
    <svg className="barcode" viewBox={`0 0 ${whole} 60`} preserveAspectRatio="none" role="img" aria-label={text}>
      {widths.map((width, n) => {
        const at = x;
        x += width;
        return n % 2 === 0 ? <rect key={n} x={at} y={0} width={width} height={60} /> : null;
      })}
    </svg>
  );
}

const FIELDS = ["name", "company", "line1", "line2", "street"];

function Lines({ address }: { address: Record<string, unknown> }) {
  const town = [address.postcode, address.postal_code, address.city].filter(Boolean).join(" ");
  const lines = [...FIELDS.map((field) => address[field]), town, address.country].filter(Boolean) as string[];
  return (
    <address>
      {lines.map((line) => (
        <span key={line}>{line}</span>
      ))}
    </address>
  );
}

/** Only on paper: everything else of the page is left out while it prints. */
function Sheet({ children }: { children: React.ReactNode }) {
  return createPortal(<div className="sheet">{children}</div>, document.body);
}

/** The carrier's label, 4 × 6 inches. A label printer takes the ZPL instead. */
export function LabelSheet({ bench, parcel }: { bench: Bench; parcel: Parcel }) {
  return (
    <Sheet>
      <section className="sheet-label">
        <header>
          <strong>{parcel.carrier}</strong> {parcel.service} <span>{(parcel.weight_grams / 1000).toFixed(2)} kg</span>
        </header>
        <div className="sheet-from">
          From <Lines address={bench.sender} />
        </div>
        <div className="sheet-to">
          <Lines address={bench.shipping_address} />
        </div>
        <Barcode text={parcel.tracking_number ?? ""} />
        <p className="mono">{parcel.tracking_number}</p>
        <footer>
          {bench.order_number} · {bench.number} · parcel {parcel.number}
        </footer>
      </section>
    </Sheet>
  );
}

/** What lies in a parcel, for whoever opens it. */
export function SlipSheet({ bench, parcel }: { bench: Bench; parcel: Parcel }) {
  const titles = new Map(bench.lines.map((line) => [line.sku, line.title]));
  return (
    <Sheet>
      <section className="sheet-slip">
        <h1>Packing slip</h1>
        <p>
          Order {bench.order_number} · {bench.number} · parcel {parcel.number}
        </p>
        <Lines address={bench.shipping_address} />
        <table>
          <thead>
            <tr>
              <th>Item</th>
              <th>SKU</th>
              <th>Units</th>
            </tr>
          </thead>
          <tbody>
            {parcel.lines.map((line) => (
              <tr key={String(line.sku)}>
                <td>{titles.get(String(line.sku))}</td>
                <td>{String(line.sku)}</td>
                <td>{String(line.quantity)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Sheet>
  );
}
