import Button from "@mui/material/Button";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ShieldCheck, ShieldOff } from "lucide-react";
import { useNotify } from "ra-core";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { TextIn } from "@/parts/fields";
import { Card } from "@/parts/Page";
import { Loaded } from "@/parts/states";
import { When } from "@/parts/When";
import { RecoveryCodes } from "./RecoveryCodes";

type State = Shape<"FactorState">;
type Step = "password" | "remove" | "codes" | Shape<"NewFactor">;
const KEY = ["session", "second-factor"];

/** Six digits from one's phone at sign-in, beside the password. */
export function SecondFactor() {
  const state = useQuery({ queryKey: KEY, queryFn: () => answer(api.GET("/api/v1/session/second-factor")) });
  return (
    <Card title="Second factor">
      <Loaded query={state}>{(now) => <Steps now={now} />}</Loaded>
    </Card>
  );
}

function Steps({ now }: { now: State }) {
  const queries = useQueryClient();
  const notify = useNotify();
  const [step, setStep] = useState<Step | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const close = () => setStep(null);
  const changed = () => void queries.invalidateQueries({ queryKey: KEY });

  const begin = useWrite((body: Shape<"Proof">, once) => answer(api.POST("/api/v1/session/second-factor", { body, ...once })), { done: setStep });
  const confirm = useWrite((body: Shape<"Code">, once) => answer(api.POST("/api/v1/session/second-factor/confirm", { body, ...once })), {
    done: ({ recovery_codes }) => {
      setCodes(recovery_codes);
      changed();
    },
  });
  const renew = useWrite((body: Shape<"ProofAndCode">, once) => answer(api.POST("/api/v1/session/second-factor/recovery-codes", { body, ...once })), {
    done: ({ recovery_codes }) => {
      setCodes(recovery_codes);
      changed();
    },
  });
  const remove = useWrite((body: Shape<"ProofAndCode">, once) => answer(api.POST("/api/v1/session/second-factor/remove", { body, ...once })), {
    done: () => {
      notify("You sign in with the password alone again.", { type: "success" });
      changed();
    },
  });

  return (
    <div className="stack">
      {now.active ? (
        <p>
          <ShieldCheck size={14} aria-hidden /> On since {now.since && <When at={now.since} />}. {left(now.recovery_codes_left)}
        </p>
      ) : (
        <p className="quiet">With one, a password that somebody has found out is not enough to sign in as you.</p>
      )}
      <div className="row wrap">
        {now.active ? (
          <>
            <Button onClick={() => setStep("codes")}>New recovery codes</Button>
            <Button color="error" startIcon={<ShieldOff size={14} />} onClick={() => setStep("remove")}>
              Remove
            </Button>
          </>
        ) : (
          <Button variant="contained" color="primary" startIcon={<ShieldCheck size={14} />} onClick={() => setStep("password")}>
            Set up
          </Button>
        )}
      </div>
      {step === "password" && (
        <Ask title="Set up a second factor" verb="Go on" values={{ password: "" }} input={(v: Shape<"Proof">) => v} write={begin} close={() => setStep((now) => (now === "password" ? null : now))}>
          <TextIn name="password" label="Your password" type="password" required autoFocus />
        </Ask>
      )}
      {step !== null && typeof step === "object" && (
        <Ask title="Show this to your app" verb="Turn on" values={{ code: "" }} input={(v: Shape<"Code">) => v} write={confirm} close={close} about="Any authenticator app reads it. Your other sessions end when it is on.">
          <img src={step.picture} alt="QR code for an authenticator app" className="factor-picture" />
          <p className="quiet small">
            Or type it in: <code>{step.secret.replace(/(.{4})/g, "$1 ").trim()}</code>
          </p>
          <TextIn name="code" label="The six digits it shows" required autoFocus mono />
        </Ask>
      )}
      {step === "remove" && (
        <Ask title="Remove the second factor" verb="Remove" tone="error" values={{ password: "", code: "" }} input={(v: Shape<"ProofAndCode">) => v} write={remove} close={close}>
          <TextIn name="password" label="Your password" type="password" required autoFocus />
          <TextIn name="code" label="A code of it" required mono help="From the app, or a recovery code." />
        </Ask>
      )}
      {step === "codes" && (
        <Ask title="New recovery codes" verb="Make them" values={{ password: "", code: "" }} input={(v: Shape<"ProofAndCode">) => v} write={renew} close={close} about="Those that you have are worth nothing afterwards.">
          <TextIn name="password" label="Your password" type="password" required autoFocus />
          <TextIn name="code" label="A code of your app" required mono />
        </Ask>
      )}
      {codes && <RecoveryCodes codes={codes} close={() => setCodes(null)} />}
    </div>
  );
}

const left = (count: number) => (count === 1 ? "One recovery code is left." : `${count} recovery codes are left.`);
