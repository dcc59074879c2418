import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { answer, api } from "@/api/client";
import { Chip } from "@/parts/Chip";
import { Money } from "@/parts/Money";
import { Card } from "@/parts/Page";
import { useCan } from "@/parts/scopes";
import { Loaded, ProblemNote } from "@/parts/states";
import { When } from "@/parts/When";
import { MergeButton } from "./MergeFulfilments";
import type { Order } from "./order";
import { SharesBelow, ShipmentMoney, useShipmentValues } from "./ShipmentMoney";

/** What leaves from where: fulfilments, their parcels, and where those are. */
export function Parcels({ order }: { order: Order }) {
  const can = useCan();
  const sees = !order.hidden.includes("fulfilments");
  const fulfilments = useQuery({
    queryKey: ["fulfilments", "of", order.id],
    enabled: sees,
    queryFn: () =>
      answer(
        api.GET("/api/v1/fulfilments", {
          params: { query: { order_id_eq: order.id, expand: "lines,parcels", sort: "created_at", limit: 200 } },
        }),
      ),
  });
  const labels = useQuery({
    queryKey: ["labels", "of", order.id],
    enabled: sees && can("read_shipping"),
    queryFn: () => answer(api.GET("/api/v1/labels", { params: { query: { order_id_eq: order.id, limit: 200 } } })),
  });
  const values = useShipmentValues(order.id, sees && order.fulfilments.length > 0);
  if (!sees || order.fulfilments.length === 0) return null;
  const labelOf = (parcel: string) => labels.data?.data.find((l) => l.parcel_id === parcel && l.voided_at === null);
  return (
    <Card title="Fulfilment" count={order.fulfilments.length}>
      <Loaded query={fulfilments}>
        {({ data }) => (
          <ul className="stack">
            {data.map((f) => (
              <li key={f.id} className="fulfilment">
                <div className="row wrap">
                  <span className="strong">{f.number}</span>
                  <Chip state={f.status} />
                  {f.status === "ready" && !f.released_at && (
                    <Chip state="waiting" label={f.wave_number ? `Wave ${f.wave_number}` : "Not on the floor yet"} />
                  )}
                  <span className="quiet">
                    from{" "}
                    <Link className="link" to={`/nodes/${f.node}`}>
                      {f.node}
                    </Link>
                  </span>
                  {f.status === "ready" && f.due_at && (
                    <span className="faint small">
                      due <When at={f.due_at} />
                    </span>
                  )}
                  <MergeButton into={f} among={data} />
                  {f.shipped_at && (
                    <span className="faint small">
                      left <When at={f.shipped_at} />
                    </span>
                  )}
                  {f.delivered_at && (
                    <span className="faint small">
                      arrived <When at={f.delivered_at} />
                    </span>
                  )}
                </div>
                <p className="quiet">
                  {f.lines.map((l) => `${l.quantity} × ${l.sku}`).join(", ")}
                  {f.status === "picking" && ` · ${f.lines.filter((l) => l.picked === l.quantity).length} of ${f.lines.length} lines picked`}
                </p>
                {f.parcels.map((parcel) => {
                  const label = labelOf(parcel.id);
                  return (
                    <div key={parcel.id} className="parcel">
                      <span className="strong">Parcel {parcel.number}</span>
                      <Chip state={parcel.status} />
                      <span className="quiet nowrap">{(parcel.weight_grams / 1000).toFixed(2)} kg</span>
                      {label && (
                        <>
                          <span className="quiet">
                            {label.carrier} {label.service}
                          </span>
                          <code>{label.tracking_number}</code>
                          <Money amount={label.amount} currency={label.currency} />
                          <a className="link" href={`/api/v1/labels/${label.id}/label.zpl`} download>
                            Label
                          </a>
                        </>
                      )}
                    </div>
                  );
                })}
                <ShipmentMoney values={values.data} id={f.id} />
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      <SharesBelow values={values.data} />
      {values.isError && <ProblemNote problem={values.error} />}
    </Card>
  );
}
