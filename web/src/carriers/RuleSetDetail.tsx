import Button from "@mui/material/Button";
import TextField from "@mui/material/TextField";
import { useQuery } from "@tanstack/react-query";
import { Copy, Play, Square, Trash2 } from "lucide-react";
import { useNotify } from "ra-core";
import { useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import "@/look/routing.css";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Actions, type Verb, type VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { Chip } from "@/parts/Chip";
import { TextIn } from "@/parts/fields";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { useCan } from "@/parts/scopes";
import { Empty, Loaded, ProblemNote } from "@/parts/states";
import { When } from "@/parts/When";
import { ruleSetHref } from "./carrier";
import { RuleList } from "./RuleList";
import type { Rule, RuleSet } from "./rules";
import { Trial } from "./Trial";

type Body = Shape<"CarrierRuleSetBody">;

const CRUMBS = [{ label: "Carriers", to: "/carriers" }, { label: "Rules", to: "/carriers/rules" }];
const TITLE = "Rules, in the order in which they are asked";

const useRuleSet = (id: string | null) =>
  useQuery({
    queryKey: ["carrier-rule-sets", "detail", id],
    enabled: id !== null,
    queryFn: () => answer(api.GET("/api/v1/carrier-rule-sets/{rule_set_id}", { params: { path: { rule_set_id: id ?? "" } } })),
  });

const rulesOf = (set: RuleSet) => set.rules as Rule[];

function Activate({ record: set, close }: VerbProps<RuleSet>) {
  const notify = useNotify();
  const activate = useWrite(
    (body: { version: number }, once) => answer(api.POST("/api/v1/carrier-rule-sets/{rule_set_id}/activate", { params: { path: { rule_set_id: set.id } }, body, ...once })),
    { touches: ["carrier-rule-sets"], done: () => notify(`Version ${set.number} is in force.`) },
  );
  return (
    <Ask<object, { version: number }>
      title={`Put version ${set.number} in force`}
      about="Carriers are chosen by it from the next parcel on. The version that was in force retires. Labels that are bought stay."
      verb="Put it in force"
      values={{}}
      input={() => ({ version: set.version })}
      write={activate}
      close={close}
    />
  );
}

function Retire({ record: set, close }: VerbProps<RuleSet>) {
  const notify = useNotify();
  const isDraft = set.status === "draft";
  const retire = useWrite(
    (body: { reason: string }, once) => answer(api.POST("/api/v1/carrier-rule-sets/{rule_set_id}/retire", { params: { path: { rule_set_id: set.id } }, body, ...once })),
    { touches: ["carrier-rule-sets"], done: () => notify(isDraft ? "The draft is dropped." : `Version ${set.number} is out of force.`) },
  );
  return (
    <Ask<{ reason: string }, { reason: string }>
      title={isDraft ? "Drop the draft" : `Take version ${set.number} out of force`}
      about={isDraft ? "It stays in the list and cannot be put in force any more." : "Without other rules, carriers are chosen by the policies."}
      verb={isDraft ? "Drop it" : "Take it out of force"}
      tone="error"
      values={{ reason: "" }}
      input={(values) => values}
      write={retire}
      close={close}
    >
      <TextIn name="reason" label="Reason" required autoFocus />
    </Ask>
  );
}

const VERBS: Record<string, Verb<RuleSet>> = {
  active: { label: "Put in force", icon: Play, tone: "primary", scope: "write_shipping", dialog: Activate },
  retired: { label: "Out of force", icon: Square, scope: "write_shipping", dialog: Retire },
  dropped: { label: "Drop", icon: Trash2, scope: "write_shipping", dialog: Retire },
};

export function RuleSetDetail() {
  const { id = "" } = useParams();
  return (
    <Loaded query={useRuleSet(id)} frame={(inside) => <Page title="Carrier rules" crumbs={CRUMBS}>{inside}</Page>}>
      {(set) => (set.status === "draft" ? <Draft key={set.version} set={set} /> : <Standing set={set} />)}
    </Loaded>
  );
}

/** What is or was in force: it stays as it is, and a draft can begin as it. */
function Standing({ set }: { set: RuleSet }) {
  const navigate = useNavigate();
  const may = useCan()("write_shipping");
  return (
    <Page
      title={`Version ${set.number} · ${set.name}`}
      crumbs={CRUMBS}
      chips={<Chip state={set.status} />}
      about={set.note}
      actions={
        <>
          {may && <Button variant="outlined" color="inherit" startIcon={<Copy size={14} />} onClick={() => void navigate(`/carriers/rules/new?from=${set.id}`)}>Begin a draft from it</Button>}
          <Actions record={set} next={set.next} verbs={VERBS} />
        </>
      }
    >
      <Columns
        main={
          <>
            <Card title={TITLE} count={rulesOf(set).length}>
              {rulesOf(set).length ? <RuleList rules={rulesOf(set)} /> : <Empty title="No rules">Carriers are chosen by the policies.</Empty>}
            </Card>
            <Trial rules={rulesOf(set)} />
          </>
        }
        side={
          <Card title="About it">
            <Facts
              facts={[
                ["Begun as", set.made_from ? `version ${set.made_from}` : null],
                ["Begun", <When key="c" at={set.created_at} />],
                ["In force since", set.activated_at && <When key="a" at={set.activated_at} />],
              ]}
            />
          </Card>
        }
      />
    </Page>
  );
}

function Draft({ set }: { set: RuleSet }) {
  const notify = useNotify();
  const put = useWrite(
    (body: Body, once) => answer(api.PUT("/api/v1/carrier-rule-sets/{rule_set_id}", { params: { path: { rule_set_id: set.id } }, body: { ...body, version: set.version }, ...once })),
    { touches: ["carrier-rule-sets"], done: () => notify("The draft is kept.") },
  );
  return (
    <Editor
      title={`Version ${set.number} · ${set.name}`}
      chips={<Chip state={set.status} />}
      begin={{ name: set.name, note: set.note, rules: rulesOf(set), made_from: set.made_from }}
      write={put}
      verb="Keep the draft"
      actions={<Actions record={set} next={set.next} verbs={VERBS} />}
    />
  );
}

export function NewRuleSet() {
  const [query] = useSearchParams();
  const from = query.get("from");
  const asked = useRuleSet(from);
  if (from === null) return <New begin={{ name: "", note: null, rules: [], made_from: null }} />;
  return (
    <Loaded query={asked} frame={(inside) => <Page title="New rules" crumbs={CRUMBS}>{inside}</Page>}>
      {(set) => <New begin={{ name: set.name, note: null, rules: rulesOf(set), made_from: set.number }} />}
    </Loaded>
  );
}

function New({ begin }: { begin: Body }) {
  const navigate = useNavigate();
  const post = useWrite((body: Body, once) => answer(api.POST("/api/v1/carrier-rule-sets", { body, ...once })), {
    touches: ["carrier-rule-sets"],
    done: (made) => void navigate(ruleSetHref(made.id)),
  });
  return <Editor title="New rules" begin={begin} write={post} verb="Keep as a draft" />;
}

type EditorProps = {
  title: string;
  chips?: React.ReactNode;
  begin: Body;
  write: { mutate: (body: Body) => void; isPending: boolean; error: Error | null };
  verb: string;
  actions?: React.ReactNode;
};

function Editor({ title, chips, begin, write, verb, actions }: EditorProps) {
  const [body, setBody] = useState(begin);
  const may = useCan()("write_shipping");
  const same = JSON.stringify(body) === JSON.stringify(begin);
  return (
    <Page
      title={title}
      crumbs={CRUMBS}
      chips={chips}
      about="Nothing is chosen by a draft. Try it on past parcels, then put it in force."
      actions={
        <>
          {may && <Button variant={same ? "outlined" : "contained"} loading={write.isPending} disabled={!body.name.trim()} onClick={() => write.mutate(body)}>{verb}</Button>}
          {same && actions}
        </>
      }
    >
      <Columns
        main={
          <>
            <ProblemNote problem={write.error} />
            <Card title={TITLE} count={body.rules.length}>
              <RuleList rules={body.rules} change={may ? (rules) => setBody({ ...body, rules }) : undefined} />
            </Card>
            <Trial rules={body.rules} />
          </>
        }
        side={
          <Card title="About it">
            <div className="stack">
              <TextField label="Name" required value={body.name} onChange={(event) => setBody({ ...body, name: event.target.value })} />
              <TextField label="Note" multiline minRows={2} value={body.note ?? ""} onChange={(event) => setBody({ ...body, note: event.target.value || null })} />
              <p className="quiet small">What forbids and requires counts first and always. Of every other kind the first rule that fits a parcel counts.</p>
            </div>
          </Card>
        }
      />
    </Page>
  );
}
