import { useNotify } from "ra-core";
import { useNavigate, useParams } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { Card, Page } from "@/parts/Page";
import { Empty, Loaded } from "@/parts/states";
import { useClasses } from "./Classes";
import { classBody, classValues, type Class, type ClassValues } from "./policies";
import { ClassFields } from "./PutClass";
import { TryPage } from "./TryPage";

type Body = Shape<"ClassBody">;
const CRUMBS = [{ label: "Classes", to: "/replenishment/classes" }];

export function TryClass() {
  const { code = "" } = useParams();
  const title = `Try a policy for ${code}`;
  return (
    <Loaded query={useClasses()} frame={(inside) => <Page title={title} crumbs={CRUMBS}>{inside}</Page>}>
      {({ data }) => {
        const of = data.find((c) => c.code === code);
        if (of) return <TryFor of={of} title={title} />;
        return <Page title={title} crumbs={CRUMBS}><Card><Empty title="There is no such class" /></Card></Page>;
      }}
    </Loaded>
  );
}

function TryFor({ of, title }: { of: Class; title: string }) {
  return (
    <TryPage<ClassValues, Body>
      title={title}
      crumbs={CRUMBS}
      values={classValues(of)}
      bodyOf={(values) => classBody(values, of.version)}
      replay={({ body, days }, once) =>
        answer(api.POST("/api/v1/replenishment-classes/{code}/replay", { params: { path: { code: of.code } }, body: { proposed: body, days }, ...once }))}
      use={(body, close) => <UseClass of={of} body={body} close={close} />}
    >
      <ClassFields />
    </TryPage>
  );
}

function UseClass({ of, body, close }: { of: Class; body: Body; close: () => void }) {
  const notify = useNotify();
  const navigate = useNavigate();
  const put = useWrite(
    (asked: Body, once) => answer(api.PUT("/api/v1/replenishment-classes/{code}", { params: { path: { code: of.code } }, body: asked, ...once })),
    {
      touches: ["replenishment-classes", "replenishment-rules"],
      done: () => {
        notify(`${of.code} is kept so from the next plan on.`);
        void navigate("/replenishment/classes");
      },
    },
  );
  return (
    <Ask<object, Body>
      title={`Keep ${of.code} so`}
      about={`${of.places} ${of.places === 1 ? "place follows" : "places follow"} from the next plan on. What a rule says of one of them stays.`}
      verb="Use it"
      values={{}}
      input={() => body}
      write={put}
      close={close}
    />
  );
}
