import Button from "@mui/material/Button";
import { useNotify } from "ra-core";
import { RotateCw } from "lucide-react";
import { useParams } from "react-router";
import { answer, api } from "@/api/client";
import { useWrite } from "@/api/write";
import { Actions } from "@/parts/Actions";
import { actorText } from "@/parts/History";
import { Columns, Card, Facts, Page } from "@/parts/Page";
import { useCan } from "@/parts/scopes";
import { Loaded } from "@/parts/states";
import { When } from "@/parts/When";
import { Deliveries } from "./Deliveries";
import { VERBS } from "./verbs";
import { at, TOUCHES, useWebhook, type Webhook } from "./webhook";
import { Health } from "./WebhookList";

const CRUMBS = [{ label: "Webhooks", to: "/webhooks" }];

export function WebhookDetail() {
  const { webhook = "" } = useParams();
  return (
    <Loaded query={useWebhook(webhook)} frame={(inside) => <Page title="Webhook" crumbs={CRUMBS}>{inside}</Page>}>
      {(found) => (
        <Page
          title={found.name}
          crumbs={CRUMBS}
          chips={<Health webhook={found} />}
          about={<span className="mono">{found.url}</span>}
          actions={<Actions record={found} next={[...found.next, "change"]} verbs={VERBS} />}
        >
          <Trouble webhook={found} />
          <Columns main={<Deliveries webhook={found} />} side={<About webhook={found} />} />
        </Page>
      )}
    </Loaded>
  );
}

/** Why nothing arrives, and what to do about it. */
function Trouble({ webhook }: { webhook: Webhook }) {
  if (webhook.status === "disabled") {
    return (
      <div className="problem" role="status">
        <div>
          <p className="strong">
            Disabled <When at={webhook.disabled_at} />
          </p>
          <p>{webhook.why}</p>
          <p className="quiet">
            Nothing that happens now is kept for it. Ping it to see whether the address answers, enable it, and send again
            what failed.
          </p>
        </div>
      </div>
    );
  }
  if (webhook.failures === 0) return null;
  return (
    <div className="note" role="status">
      {webhook.failures} attempts in a row failed; after 15 it is disabled.
      {webhook.wait_until && (
        <>
          {" "}
          It rests until <When at={webhook.wait_until} />.
        </>
      )}
    </div>
  );
}

function About({ webhook }: { webhook: Webhook }) {
  return (
    <>
      <Card title="Is told of">
        <div className="row wrap">
          {webhook.events.map((event) => (
            <span key={event} className="tag">
              {event}
            </span>
          ))}
        </div>
      </Card>
      <Card title="About">
        <Facts
          facts={[
            ["Last answered", <When key="answered" at={webhook.answered_at} />],
            ["Owner", <span key="owner" title={webhook.owner}>{actorText(webhook.owner)}</span>],
            ["Made", <When key="made" at={webhook.created_at} />],
            ["Old secret valid until", webhook.old_secret_until && <When key="old" at={webhook.old_secret_until} />],
          ]}
        />
      </Card>
      <SendAgain webhook={webhook} />
    </>
  );
}

const DAYS_BACK = 7;

function SendAgain({ webhook }: { webhook: Webhook }) {
  const can = useCan();
  const notify = useNotify();
  const again = useWrite(
    (since: string, once) => answer(api.POST("/api/v1/webhooks/{webhook_id}/redeliver-failed", { ...at(webhook.id), body: { since }, ...once })),
    { touches: TOUCHES, done: ({ count }) => notify(count === 0 ? "Nothing had failed." : `${count} deliveries are on their way again.`) },
  );
  if (webhook.status !== "active" || !can("write_webhooks")) return null;
  const since = () => new Date(Date.now() - DAYS_BACK * 86_400_000).toISOString();
  return (
    <Card title="What failed">
      <div className="stack">
        <p className="quiet">Send again what was given up within the last {DAYS_BACK} days, the oldest first.</p>
        <div>
          <Button startIcon={<RotateCw size={14} />} loading={again.isPending} onClick={() => again.mutate(since())}>
            Send again
          </Button>
        </div>
      </div>
    </Card>
  );
}
