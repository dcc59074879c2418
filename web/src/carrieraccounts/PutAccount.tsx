import { useNotify } from "ra-core";
import { useFormContext, useWatch } from "react-hook-form";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { NumberIn, PercentIn, SelectIn, TextIn, YesNo } from "@/parts/fields";
import { useSeen } from "@/parts/seen";
import { Loaded } from "@/parts/states";
import { listOf, TOUCHES, useProviders, type Account, type Provider } from "./account";

type Values = {
  code: string; name: string; provider: string; mode: "test" | "live"; services: string; nodes: string; enabled: boolean;
  seconds: string; calls: string; tolerance: string; accounts: string;
  faults: Record<Fault, string>;
  /** Options that the form does not show, which stay as they are. */
  kept: Record<string, unknown>;
  keys: Record<string, string>;
};
type Input = { code: string; body: Shape<"AccountBody"> };

const FETCHES = ["works", "refuses", "down", "times_out", "gets_lost", "silent", "stays"];

/** What the test carrier does where it is asked for something; the first of each is what it does unasked. */
const FAULTS = {
  rates: { label: "Asked for rates it", choices: ["works", "slow", "hangs", "garbage", "down", "nothing"] },
  sale: { label: "Asked for a label it", choices: ["works", "refuses", "expired", "dearer", "down", "times_out", "gets_lost", "garbage", "silent"] },
  void: { label: "Given a label back it", choices: ["works", "refuses", "late", "hangs"] },
  pickup: { label: "Asked to fetch it", choices: FETCHES },
  manifest: { label: "Asked for a manifest it", choices: FETCHES },
  tracking: { label: "Asked where parcels are it tells", choices: ["nothing", "moves", "delivers", "garbage", "down"] },
};
type Fault = keyof typeof FAULTS;
const FAULT_NAMES = Object.keys(FAULTS) as Fault[];

const text = (value: unknown, other = "") => (typeof value === "string" ? value : other);

const valuesOf = (account?: Account): Values => {
  const options = (account?.options ?? {}) as Record<string, unknown>;
  return {
    code: account?.code ?? "",
    name: account?.name ?? "",
    provider: account?.provider ?? "easypost",
    mode: account?.mode === "live" ? "live" : "test",
    services: account?.services.join(", ") ?? "",
    nodes: account?.nodes.join(", ") ?? "",
    enabled: account?.enabled ?? true,
    seconds: String((account?.time_limit_ms ?? 5000) / 1000),
    calls: String(account?.calls_per_minute ?? ""),
    tolerance: String((account?.tolerance_ppm ?? 50_000) / 10_000),
    accounts: Array.isArray(options.carrier_accounts) ? options.carrier_accounts.join(", ") : "",
    faults: Object.fromEntries(FAULT_NAMES.map((name) => [name, text(options[name], FAULTS[name].choices[0])])) as Values["faults"],
    kept: options,
    keys: {},
  };
};

function optionsOf(v: Values): Shape<"AccountBody">["options"] {
  if (v.provider === "test") return { ...v.kept, ...v.faults };
  const accounts = listOf(v.accounts);
  return accounts.length > 0 ? { carrier_accounts: accounts } : {};
}

export function bodyOf(v: Values, version: number | null): Shape<"AccountBody"> {
  const given = Object.fromEntries(Object.entries(v.keys).filter(([, value]) => value.trim() !== ""));
  return {
    name: v.name.trim(),
    provider: v.provider,
    mode: v.provider === "test" ? "test" : v.mode,
    credentials: Object.keys(given).length > 0 ? given : null,
    services: listOf(v.services),
    nodes: listOf(v.nodes),
    enabled: v.enabled,
    time_limit_ms: Math.round(Number(v.seconds) * 1000),
    calls_per_minute: v.calls.trim() === "" ? null : Number(v.calls),
    tolerance_ppm: Math.round(Number(v.tolerance) * 10_000),
    options: optionsOf(v),
    version,
  };
}

export function PutAccount({ account, close }: { account?: Account; close: () => void }) {
  const notify = useNotify();
  const seen = useSeen(account?.version ?? 0);
  const put = useWrite(
    ({ code, body }: Input, once) => answer(api.PUT("/api/v1/carrier-accounts/{code}", { params: { path: { code } }, body, ...once })),
    { touches: TOUCHES, done: (_, { body }) => notify(`${body.name} is saved.`) },
  );
  return (
    <Ask<Values, Input>
      title={account ? `Change ${account.name}` : "Add a carrier account"}
      about="Credentials are sealed before they are kept, and shown to nobody."
      verb="Save"
      width="md"
      values={valuesOf(account)}
      input={(v) => ({ code: v.code.trim(), body: bodyOf(v, account ? seen.version : null) })}
      write={put}
      close={close}
      seen={account ? seen : undefined}
      what="account"
    >
      <Fields account={account} />
    </Ask>
  );
}

function Fields({ account }: { account?: Account }) {
  const providers = useProviders();
  return <Loaded query={providers}>{({ providers: known }) => <Known account={account} known={known} />}</Loaded>;
}

function Known({ account, known }: { account?: Account; known: Provider[] }) {
  const { control } = useFormContext<Values>();
  const code = useWatch({ control, name: "provider" });
  const provider = known.find((one) => one.code === code);
  return (
    <>
      <div className="form-grid">
        {!account && <TextIn name="code" label="Code" required autoFocus mono help="Short and lasting, such as easypost-london" />}
        <TextIn name="name" label="Name" required />
        {!account && <SelectIn name="provider" label="Provider" choices={known.map((one) => ({ value: one.code, label: one.title }))} />}
        {provider && provider.modes.length > 1 && <SelectIn name="mode" label="For" choices={provider.modes} help="While one account of a node is live, tests are not used there" />}
        {provider?.credentials.map((key) => (
          <TextIn
            key={key}
            name={`keys.${key}`}
            label={key === "api_key" ? "API key" : key}
            type="password"
            required={!account}
            help={account?.hint ? `Kept: ${account.hint}. Leave it empty to keep it.` : undefined}
          />
        ))}
      </div>
      {provider && <p className="quiet">{provider.about}</p>}
      <div className="form-grid">
        <TextIn name="nodes" label="Used at" help="Codes of nodes with commas. Empty: every node" />
        <TextIn name="services" label="Services" help="Such as ups, or usps priority. Empty: all of them" />
        {code === "easypost" && <TextIn name="accounts" label="EasyPost's carrier accounts" help="Their ids with commas. Empty: all of them" mono />}
        <NumberIn name="seconds" label="Time limit, seconds" min={0.1} max={30} required />
        <NumberIn name="calls" label="Calls a minute, at most" min={1} max={100_000} help="Empty: as many as it takes" />
        <PercentIn name="tolerance" label="A price may rise by" help="After it was chosen, before it is decided again" />
        {code === "test" &&
          FAULT_NAMES.map((name) => <SelectIn key={name} name={`faults.${name}`} label={FAULTS[name].label} choices={FAULTS[name].choices} />)}
      </div>
      <YesNo name="enabled" label="Ask this carrier" />
    </>
  );
}
