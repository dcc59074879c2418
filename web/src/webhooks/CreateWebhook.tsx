import { useRef, useState } from "react";
import { useNavigate } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { TextIn } from "@/parts/fields";
import { EventPicker } from "./EventPicker";
import { Secret } from "./Secret";
import { TOUCHES, webhookHref } from "./webhook";

type Body = Shape<"NewWebhook">;

export function CreateWebhook({ close }: { close: () => void }) {
  const navigate = useNavigate();
  const [made, setMade] = useState<{ id: string; secret: string } | null>(null);
  // The form closes when it is done; the secret has to be seen first.
  const shows = useRef(false);
  const create = useWrite((body: Body, once) => answer(api.POST("/api/v1/webhooks", { body, ...once })), {
    touches: TOUCHES,
    done: ({ id, secret }) => {
      shows.current = true;
      setMade({ id, secret: secret ?? "" });
    },
  });
  if (made) {
    return (
      <Secret
        secret={made.secret}
        close={() => {
          close();
          void navigate(webhookHref(made.id));
        }}
      />
    );
  }
  return (
    <Ask<Body, Body>
      title="Add a webhook"
      about="It is told what you may read, and never more: what you lose, it loses."
      verb="Add webhook"
      width="md"
      values={{ name: "", url: "", events: [] }}
      input={({ name, url, events }) => ({ name: name.trim(), url: url.trim(), events })}
      write={create}
      close={() => {
        if (!shows.current) close();
      }}
    >
      <div className="form-grid">
        <TextIn name="name" label="Name" required autoFocus help="What it is for, such as ERP" />
        <TextIn name="url" label="Address" required mono placeholder="https://example.com/hooks/backoffice" />
      </div>
      <EventPicker name="events" />
    </Ask>
  );
}
