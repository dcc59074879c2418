import { Link } from "react-router";
import type { Shape } from "@/api/client";
import { listHref } from "@/parts/links";
import { Card, Facts } from "@/parts/Page";
import { StockBar } from "./StockBar";

type Reckoned = Omit<Shape<"ReplenishmentPlan">, "at" | "ruled" | "suggested">;

const thousandths = (milli: number) => (milli / 1000).toLocaleString("en-GB", { maximumFractionDigits: 2 });

/** Position, reorder point and lot, each from its parts: of a suggestion, or of any place that was planned. */
export function Arithmetic({ of: s }: { of: Reckoned }) {
  return (
    <>
      <Card title="Why">
        <div className="stack">
          <p>{s.why}</p>
          <StockBar plan={s} wide />
          <p className="faint small">
            Filled: position {s.position}. Marks: order at {s.point}, fill up to {s.up_to}.
          </p>
        </div>
      </Card>
      <Card
        title="Position"
        action={
          <Link className="link small" to={listHref("list_movements", { sku_eq: s.sku, node_eq: s.node })}>
            Its movements
          </Link>
        }
      >
        <Facts
          facts={[
            ["On hand", <Link key="hand" className="link" to={listHref("list_bin_stock", { sku_eq: s.sku, node_eq: s.node })}>{s.on_hand}</Link>],
            ["+ Inspected", s.inspecting],
            ["+ On order", s.on_order],
            ["+ Transfers in", s.inbound],
            ["− Transfers out", s.outbound],
            ["− Allocated", <Link key="all" className="link" to={listHref("list_allocations", { sku_eq: s.sku, node_eq: s.node, state_in: ["allocated", "picked"] })}>{s.allocated}</Link>],
            ["− Backordered", <Link key="back" className="link" to={listHref("list_allocations", { sku_eq: s.sku, node_eq: s.node, state_eq: "backordered" })}>{s.backordered}</Link>],
            ["= Position", <span key="sum" className="strong">{s.position}</span>],
          ]}
        />
      </Card>
      <Card title="Reorder point">
        <Facts
          facts={[
            ["Demand", `${thousandths(s.daily_milli)} units a day, ${s.pattern}`],
            ["Lead time", `${s.lead_days} days on average, ${s.late_days} at 95 of 100 orders`],
            ["Expected", `${thousandths(s.ahead_milli)} units until the goods are there`],
            ["+ Safety", `${thousandths(s.safety_milli)} units ${s.policy === "min/max" ? "up to the minimum that was given" : `for ${s.service_ppm / 10_000} % service`}`],
            ["= Point", <span key="point" className="strong">{s.point}</span>],
            ["Lot", s.lot],
          ]}
        />
      </Card>
    </>
  );
}
