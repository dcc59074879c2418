import { Pencil, Trash2 } from "lucide-react";
import { useNavigate, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { useWrite } from "@/api/write";
import { Actions } from "@/parts/Actions";
import type { Verb, VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { Chip } from "@/parts/Chip";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Loaded } from "@/parts/states";
import { When } from "@/parts/When";
import { at, TOUCHES, useAccount, type Account } from "./account";
import { Health } from "./AccountList";
import { PutAccount } from "./PutAccount";
import { TryAccount } from "./TryAccount";

const CRUMBS = [{ label: "Carrier accounts", to: "/carrier-accounts" }];

function Remove({ record: account, close }: VerbProps<Account>) {
  const navigate = useNavigate();
  const remove = useWrite((_: object, once) => answer(api.DELETE("/api/v1/carrier-accounts/{code}", { ...at(account.code), ...once })), {
    touches: TOUCHES,
    done: () => void navigate("/carrier-accounts"),
  });
  return (
    <Ask
      title={`Remove ${account.name}`}
      about="Its credentials go with it. One that labels were bought through is disabled instead."
      verb="Remove"
      tone="error"
      values={{}}
      input={() => ({})}
      write={remove}
      close={close}
    />
  );
}

const VERBS: Readonly<Record<string, Verb<Account>>> = {
  change: { scope: "write_settings", icon: Pencil, dialog: ({ record, close }) => <PutAccount account={record} close={close} /> },
  remove: { scope: "write_settings", icon: Trash2, tone: "error", dialog: Remove },
};

export function AccountDetail() {
  const { code = "" } = useParams();
  return (
    <Loaded query={useAccount(code)} frame={(inside) => <Page title="Carrier account" crumbs={CRUMBS}>{inside}</Page>}>
      {(account) => (
        <Page
          title={account.name}
          crumbs={CRUMBS}
          chips={
            <>
              <Chip state={account.mode} tone={account.mode === "live" ? "ok" : "mute"} />
              <Health account={account} />
            </>
          }
          actions={<Actions record={account} next={["change", "remove"]} verbs={VERBS} />}
        >
          <Trouble account={account} />
          <Columns main={<TryAccount account={account} />} side={<About account={account} />} />
        </Page>
      )}
    </Loaded>
  );
}

/** Why it is not asked, in the carrier's words. */
function Trouble({ account }: { account: Account }) {
  if (!account.error) return null;
  return (
    <div className="problem" role="status">
      <div>
        <p className="strong">
          Failed <When at={account.failed_at} />
        </p>
        <p>{account.error}</p>
        {account.rests_until && (
          <p className="quiet">
            It is not asked before <When at={account.rests_until} />; parcels are labelled from the others meanwhile. Saving the
            account ends the rest.
          </p>
        )}
      </div>
    </div>
  );
}

function About({ account }: { account: Account }) {
  return (
    <Card title="About">
      <Facts
        facts={[
          ["Code", <span key="code" className="mono">{account.code}</span>],
          ["Provider", account.provider],
          ["Credentials", account.hint],
          ["Used at", account.nodes.join(", ") || "every node"],
          ["Services", account.services.join(", ") || "all"],
          ["Time limit", `${account.time_limit_ms / 1000} s`],
          ["Calls a minute", account.calls_per_minute ?? "no limit"],
          ["A price may rise by", `${account.tolerance_ppm / 10_000} %`],
          ["Last answered", <When key="answered" at={account.answered_at} />],
        ]}
      />
    </Card>
  );
}
