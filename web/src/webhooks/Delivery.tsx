import Button from "@mui/material/Button";
import { RotateCw } from "lucide-react";
import { useNavigate, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { useWrite } from "@/api/write";
import { Chip } from "@/parts/Chip";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { useCan } from "@/parts/scopes";
import { Empty, Loaded, ProblemNote } from "@/parts/states";
import { When } from "@/parts/When";
import { postHref, TOUCHES, usePost, useWebhook, webhookHref, type PostDetail } from "./webhook";

/** One event on its way: what is sent, and every attempt with its answer. */
export function Delivery() {
  const { webhook = "", post = "" } = useParams();
  const { data: hook } = useWebhook(webhook);
  const crumbs = [
    { label: "Webhooks", to: "/webhooks" },
    { label: hook?.name ?? "Webhook", to: webhookHref(webhook) },
  ];
  return (
    <Loaded query={usePost(post)} frame={(inside) => <Page title="Delivery" crumbs={crumbs}>{inside}</Page>}>
      {(found) => (
        <Page
          title={found.event}
          heading={<code>{found.event}</code>}
          crumbs={crumbs}
          chips={<Chip state={found.state} />}
          about={<When at={found.happened_at} />}
          actions={<Again post={found} />}
        >
          <Columns
            main={
              <>
                <Attempts post={found} />
                <Card title="Sent">
                  {found.hidden.length > 0 && (
                    <p className="note">Parts of it are not shown to you. They take {found.hidden.join(", ")}.</p>
                  )}
                  <pre className="code">{JSON.stringify(found.data, null, 2)}</pre>
                </Card>
              </>
            }
            side={
              <Card title="About">
                <Facts
                  facts={[
                    ["Event id", <code key="event">{found.event_id}</code>],
                    ["Delivery id", <code key="post">{found.id}</code>],
                    ["About", found.subject],
                    ["Next attempt", found.state === "waiting" ? <When key="due" at={found.due_at} /> : null],
                    ["Ended", found.ended_at ? <When key="ended" at={found.ended_at} /> : null],
                    ["Sent again by hand", found.again_of ? "yes" : null],
                  ]}
                />
              </Card>
            }
          />
        </Page>
      )}
    </Loaded>
  );
}

function Again({ post }: { post: PostDetail }) {
  const can = useCan();
  const navigate = useNavigate();
  const again = useWrite(
    (_: object, once) => answer(api.POST("/api/v1/webhook-posts/{post_id}/redeliver", { params: { path: { post_id: post.id } }, ...once })),
    { touches: TOUCHES, done: (made) => void navigate(postHref(made)) },
  );
  if (post.state === "waiting" || !can("write_webhooks")) return null;
  return (
    <>
      <ProblemNote problem={again.error} />
      <Button variant="outlined" startIcon={<RotateCw size={14} />} loading={again.isPending} onClick={() => again.mutate({})}>
        Send again
      </Button>
    </>
  );
}

function Attempts({ post }: { post: PostDetail }) {
  return (
    <Card title="Attempts" count={post.log.length}>
      {post.log.length === 0 ? (
        <Empty title={post.state === "waiting" ? "On its way" : "It was never sent"}>{post.error}</Empty>
      ) : (
        <ol className="attempts">
          {post.log.map((attempt) => (
            <li key={attempt.number}>
              <div className="row wrap">
                <Chip state={String(attempt.code ?? "No answer")} tone={attempt.code !== null && attempt.code < 300 ? "ok" : "bad"} />
                <When at={attempt.at} />
                <span className="quiet">{attempt.took_ms.toLocaleString("en-GB")} ms</span>
              </div>
              {attempt.error && <p>{attempt.error}</p>}
              {attempt.answer && <pre className="code">{attempt.answer}</pre>}
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}
