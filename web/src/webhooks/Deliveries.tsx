import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { answer, api } from "@/api/client";
import { Chip } from "@/parts/Chip";
import { Card } from "@/parts/Page";
import { Empty, Loaded } from "@/parts/states";
import { When } from "@/parts/When";
import { postHref, type Post, type Webhook } from "./webhook";

const STATES = ["", "waiting", "delivered", "failed"] as const;
const LOOK_EVERY_MS = 3000;

/** The log: what is on its way, what arrived, what was given up. */
export function Deliveries({ webhook }: { webhook: Webhook }) {
  const [state, setState] = useState<(typeof STATES)[number]>("");
  const [page, setPage] = useState(1);
  const asked = useQuery({
    queryKey: ["webhook-posts", webhook.id, state, page],
    queryFn: () =>
      answer(
        api.GET("/api/v1/webhook-posts", {
          params: { query: { webhook_id_eq: webhook.id, ...(state ? { state_eq: state } : {}), page, limit: 25 } },
        }),
      ),
    refetchInterval: LOOK_EVERY_MS,
    placeholderData: (before) => before,
  });
  return (
    <Card title="Deliveries" flush>
      <div className="tabs" role="tablist" aria-label="Deliveries by state">
        {STATES.map((one) => (
          <button
            key={one}
            type="button"
            role="tab"
            aria-selected={one === state}
            onClick={() => {
              setState(one);
              setPage(1);
            }}
          >
            {one === "" ? "All" : one === "waiting" ? "On their way" : one === "delivered" ? "Delivered" : "Failed"}
          </button>
        ))}
      </div>
      <Loaded query={asked} frame={(inside) => <div className="card-body">{inside}</div>}>
        {({ data, page: shown }) =>
          data.length === 0 ? (
            <Empty title="Nothing here">Events it is told of appear within a second.</Empty>
          ) : (
            <>
              <table className="table">
                <thead>
                  <tr>
                    <th>Event</th>
                    <th>State</th>
                    <th>Answer</th>
                    <th>Happened</th>
                    <th className="number">Attempts</th>
                  </tr>
                </thead>
                <tbody>
                  {data.map((post) => (
                    <Line key={post.id} post={post} />
                  ))}
                </tbody>
              </table>
              {(shown.pages ?? 1) > 1 && (
                <div className="row pager">
                  <Button disabled={page <= 1} onClick={() => setPage(page - 1)}>
                    Newer
                  </Button>
                  <span className="quiet">
                    Page {page} of {shown.pages}
                  </span>
                  <Button disabled={page >= (shown.pages ?? 1)} onClick={() => setPage(page + 1)}>
                    Older
                  </Button>
                </div>
              )}
            </>
          )
        }
      </Loaded>
    </Card>
  );
}

function Line({ post }: { post: Post }) {
  return (
    <tr>
      <td>
        <Link to={postHref(post)}>
          <code>{post.event}</code>
        </Link>
      </td>
      <td>
        <Chip state={post.state} />
      </td>
      <td className="quiet">{post.code ?? post.error ?? "–"}</td>
      <td>
        <When at={post.happened_at} />
      </td>
      <td className="number">{post.attempts}</td>
    </tr>
  );
}
