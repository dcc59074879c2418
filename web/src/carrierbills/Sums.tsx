import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { Link } from "react-router";
import { answer, api } from "@/api/client";
import { words } from "@/parts/Chip";
import { listHref } from "@/parts/links";
import { Money, moneyText } from "@/parts/Money";
import { Card } from "@/parts/Page";
import { grouped, REASONS, STATES } from "./bill";
import "@/look/exceptions.css";

/** What carriers billed too much, by carrier and by reason; the colours say what became of it. */
export function Sums() {
  const sums = useQuery({
    queryKey: ["carrier-charges", "sums"],
    queryFn: () => answer(api.GET("/api/v1/carrier-charge-sums")),
  });
  const data = sums.data?.data ?? [];
  const currencies = [...new Set(data.map((s) => s.currency))].sort();
  if (data.length === 0) return null;
  return (
    <>
      {currencies.map((currency) => (
        <div key={currency} className="sums-pair">
          {(["carrier", "reason"] as const).map((by) => {
            const rows = grouped(data, by, currency);
            const most = Math.max(1, ...rows.map((r) => r.over));
            return (
              <Card key={by} title={`Too much, by ${by}${currencies.length > 1 ? ` (${currency})` : ""}`}>
                <div className="sums">
                  {rows.map((r) => (
                    <div key={r.name} className="sum">
                      <Link className="link ellipsis" to={listHref("list_carrier_charges", by === "carrier" ? { carrier_eq: r.name, over_gt: 0 } : { reason_eq: r.name as never, over_gt: 0 })}>
                        {by === "reason" ? (REASONS[r.name] ?? words(r.name)) : r.name}
                      </Link>
                      <span className="sum-bar" role="img" aria-label={STATES.map((s) => `${words(s)} ${moneyText(r.parts[s] ?? 0, currency)}`).join(", ")}>
                        {STATES.map((s) => (
                          <span key={s} data-state={s} title={`${words(s)}: ${moneyText(r.parts[s] ?? 0, currency)}`} style={{ width: `${(100 * (r.parts[s] ?? 0)) / most}%` }} />
                        ))}
                      </span>
                      <span className="nowrap">
                        <Money amount={r.over} currency={currency} />
                        {by === "carrier" && (r.parts.disputed ?? 0) > 0 && (
                          <a className="link sum-file" href={`/api/v1/carriers/${r.name}/disputes.csv`} download title={`What is disputed with ${r.name}, as CSV`} aria-label={`Disputes with ${r.name} as CSV`}>
                            <Download size={14} />
                          </a>
                        )}
                      </span>
                    </div>
                  ))}
                </div>
              </Card>
            );
          })}
        </div>
      ))}
      <p className="sum-key faint small">
        {STATES.map((s) => (
          <span key={s} className="row">
            <span className="sum-dot" data-state={s} /> {words(s)}
          </span>
        ))}
      </p>
    </>
  );
}
