import { useQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { Link } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { rowsHref } from "@/parts/links";
import { Card, Page } from "@/parts/Page";
import { Empty, Loaded } from "@/parts/states";
import { Ago, When } from "@/parts/When";
import { WORDS } from "./attention";

type Attention = Shape<"Attention">;

/** What needs a person now. Each number is the server's, and opens the rows it counts. */
export default function Home() {
  const asked = useQuery({
    queryKey: ["home"],
    queryFn: () => answer(api.GET("/api/v1/attention")),
    refetchInterval: 60_000,
  });
  return (
    <Page title="Home" heading="What needs you now" about={asked.data && <>As of <When at={asked.data.as_of} /></>}>
      <Loaded query={asked} lines={6}>
        {({ data }) => {
          const urgent = data.filter((row) => row.urgent && row.count > 0);
          const waiting = data.filter((row) => !row.urgent);
          const quiet = data.filter((row) => row.urgent && row.count === 0);
          return (
            <div className="stack home">
              {waiting.length > 0 && (
                <ol className="work" aria-label="Work that waits">
                  {waiting.map((row) => (
                    <li key={row.code}>
                      <Link to={rowsHref(row)}>
                        <span className="work-count">{row.count.toLocaleString("en-GB")}</span>
                        <span>{WORDS[row.code]?.title ?? row.code}</span>
                        <span className="faint small">{row.count > 0 && row.oldest_at ? <>oldest <Ago at={row.oldest_at} /></> : "nothing waits"}</span>
                      </Link>
                    </li>
                  ))}
                </ol>
              )}
              {urgent.length > 0 ? (
                <Card title="Wrong or late" flush>
                  <ul className="attention">
                    {urgent.map((row) => (
                      <Row key={row.code} row={row} />
                    ))}
                  </ul>
                </Card>
              ) : (
                <Card>
                  <Empty icon={CircleCheck} title="Nothing is wrong or late">
                    New things appear here by themselves.
                  </Empty>
                </Card>
              )}
              {urgent.length > 0 && quiet.length > 0 && (
                <p className="faint small">
                  In order: {quiet.map((row) => (WORDS[row.code]?.title ?? row.code).toLowerCase()).join(", ")}.
                </p>
              )}
            </div>
          );
        }}
      </Loaded>
    </Page>
  );
}

function Row({ row }: { row: Attention }) {
  const { title, what, tone, icon: Icon } = WORDS[row.code] ?? { title: row.code };
  return (
    <li>
      <Link to={rowsHref(row)}>
        {Icon && (
          <span className="attention-icon" data-tone={tone}>
            <Icon size={16} aria-hidden />
          </span>
        )}
        <span className="attention-text">
          <span className="strong">{title}</span>
          <span className="quiet">{what}</span>
        </span>
        {row.oldest_at && (
          <span className="faint small nowrap">
            oldest <Ago at={row.oldest_at} />
          </span>
        )}
        <span className="attention-count">{row.count.toLocaleString("en-GB")}</span>
      </Link>
    </li>
  );
}
