import { useNotify } from "ra-core";
import { useRef, useState } from "react";
import { Pause, Play, RefreshCcw, Send, Trash2 } from "lucide-react";
import { useNavigate } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { Verb, VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { NumberIn, TextIn } from "@/parts/fields";
import { EventPicker } from "./EventPicker";
import { Secret } from "./Secret";
import { at, postHref, TOUCHES, type Webhook } from "./webhook";

const SCOPE = "write_webhooks";

function Ping({ record: webhook, close }: VerbProps<Webhook>) {
  const navigate = useNavigate();
  const ping = useWrite((_: object, once) => answer(api.POST("/api/v1/webhooks/{webhook_id}/ping", { ...at(webhook.id), ...once })), {
    touches: TOUCHES,
    done: (post) => void navigate(postHref(post)),
  });
  return (
    <Ask
      title={`Ping ${webhook.name}`}
      about="Sends the event ping once, signed like any other. It counts as no failure and is not tried again."
      verb="Send ping"
      values={{}}
      input={() => ({})}
      write={ping}
      close={close}
    />
  );
}

function Rotate({ record: webhook, close }: VerbProps<Webhook>) {
  const [secret, setSecret] = useState<string | null>(null);
  const shows = useRef(false);
  const rotate = useWrite(
    (body: Shape<"RotateBody">, once) => answer(api.POST("/api/v1/webhooks/{webhook_id}/rotate-secret", { ...at(webhook.id), body, ...once })),
    {
      touches: TOUCHES,
      done: (made) => {
        shows.current = true;
        setSecret(made.secret ?? "");
      },
    },
  );
  if (secret !== null) return <Secret secret={secret} close={close} />;
  return (
    <Ask<{ hours: string }, Shape<"RotateBody">>
      title={`New secret for ${webhook.name}`}
      about="Until the overlap is over every request carries two signatures, so that the receiver can change at leisure."
      verb="Make a new secret"
      values={{ hours: "24" }}
      input={({ hours }) => ({ overlap_hours: Number(hours) })}
      write={rotate}
      close={() => {
        if (!shows.current) close();
      }}
    >
      <NumberIn name="hours" label="Hours that the old one stays valid" min={0} max={168} required autoFocus />
    </Ask>
  );
}

function Disable({ record: webhook, close }: VerbProps<Webhook>) {
  const notify = useNotify();
  const disable = useWrite(
    (body: Shape<"DisableBody">, once) => answer(api.POST("/api/v1/webhooks/{webhook_id}/disable", { ...at(webhook.id), body, ...once })),
    { touches: TOUCHES, done: () => notify(`${webhook.name} is disabled.`) },
  );
  return (
    <Ask<{ reason: string }, Shape<"DisableBody">>
      title={`Disable ${webhook.name}`}
      about="What waits is kept. What happens while it is disabled is not sent later."
      verb="Disable"
      tone="error"
      values={{ reason: "" }}
      input={({ reason }) => ({ reason: reason.trim() || "disabled by hand" })}
      write={disable}
      close={close}
    >
      <TextIn name="reason" label="Why" autoFocus />
    </Ask>
  );
}

function Enable({ record: webhook, close }: VerbProps<Webhook>) {
  const notify = useNotify();
  const enable = useWrite((_: object, once) => answer(api.POST("/api/v1/webhooks/{webhook_id}/enable", { ...at(webhook.id), ...once })), {
    touches: TOUCHES,
    done: () => notify(`${webhook.name} is enabled.`),
  });
  return (
    <Ask
      title={`Enable ${webhook.name}`}
      about="What waited when it was disabled is sent now. A ping first tells whether the address answers."
      verb="Enable"
      values={{}}
      input={() => ({})}
      write={enable}
      close={close}
    />
  );
}

function Change({ record: webhook, close }: VerbProps<Webhook>) {
  const notify = useNotify();
  const change = useWrite(
    (body: Shape<"WebhookChange">, once) => answer(api.PATCH("/api/v1/webhooks/{webhook_id}", { ...at(webhook.id), body, ...once })),
    { touches: TOUCHES, done: () => notify(`${webhook.name} was changed.`) },
  );
  return (
    <Ask<{ name: string; url: string; events: string[] }, Shape<"WebhookChange">>
      title={`Change ${webhook.name}`}
      about="Who changes the address or the events owns it from then on: it is told what they may read."
      verb="Save"
      width="md"
      values={{ name: webhook.name, url: webhook.url, events: webhook.events }}
      input={({ name, url, events }) => ({
        name: name.trim(),
        version: webhook.version,
        ...(url.trim() === webhook.url ? {} : { url: url.trim() }),
        ...(events.join() === webhook.events.join() ? {} : { events }),
      })}
      write={change}
      close={close}
    >
      <div className="form-grid">
        <TextIn name="name" label="Name" required autoFocus />
        <TextIn name="url" label="Address" required mono />
      </div>
      <EventPicker name="events" />
    </Ask>
  );
}

function Delete({ record: webhook, close }: VerbProps<Webhook>) {
  const navigate = useNavigate();
  const remove = useWrite((_: object, once) => answer(api.DELETE("/api/v1/webhooks/{webhook_id}", { ...at(webhook.id), ...once })), {
    touches: TOUCHES,
    done: () => void navigate("/webhooks"),
  });
  return (
    <Ask
      title={`Delete ${webhook.name}`}
      about="Its log goes with it. There is no way back; to stop it for a while, disable it."
      verb="Delete"
      tone="error"
      values={{}}
      input={() => ({})}
      write={remove}
      close={close}
    />
  );
}

/** `change` is always possible; the rest is what the server says. */
export const VERBS: Readonly<Record<string, Verb<Webhook>>> = {
  enable: { scope: SCOPE, icon: Play, tone: "primary", dialog: Enable },
  ping: { scope: SCOPE, icon: Send, dialog: Ping },
  change: { scope: SCOPE, label: "Change", dialog: Change },
  rotate: { scope: SCOPE, icon: RefreshCcw, label: "New secret", dialog: Rotate },
  disable: { scope: SCOPE, icon: Pause, dialog: Disable },
  delete: { scope: SCOPE, icon: Trash2, tone: "error", dialog: Delete },
};
