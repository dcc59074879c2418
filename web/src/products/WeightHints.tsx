import { useQueries } from "@tanstack/react-query";
import { Link } from "react-router";
import { answer, api } from "@/api/client";
import { listHref } from "@/parts/links";
import { Money } from "@/parts/Money";
import { Card } from "@/parts/Page";
import { useCan } from "@/parts/scopes";

const MOST = 30;

/** What carriers weighed the SKUs at, where they billed them heavier than the product says. */
export function WeightHints({ skus }: { skus: string[] }) {
  const can = useCan();
  const asked = useQueries({
    queries: skus.slice(0, MOST).map((sku) => ({
      queryKey: ["carrier-charges", "weights", sku],
      queryFn: () => answer(api.GET("/api/v1/variants/{sku}/weight-hints", { params: { path: { sku } } })),
    })),
  });
  const hints = asked.flatMap((one) => one.data?.data ?? []);
  if (hints.length === 0) return null;
  return (
    <Card title="Carriers weigh it heavier" action={can("read_shipping") && <Link className="link" to={listHref("list_carrier_charges", { reason_eq: "weight" })}>The charges</Link>}>
      <ul className="stack tight">
        {hints.map((h) => (
          <li key={`${h.sku}${h.currency}`}>
            <span className="mono strong">{h.sku}</span> {h.says} <span className="quiet">In {h.parcels} {h.parcels === 1 ? "parcel" : "parcels"}, <Money amount={h.over} currency={h.currency} /> too much.</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
