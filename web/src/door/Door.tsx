import { useCallback, useEffect, useState } from "react";
import { door, No, type View } from "./ask";
import { Give } from "./Give";
import { Knock } from "./Knock";
import { MyReturn } from "./MyReturn";
import { Problem } from "./parts";
import { say, stateOf } from "./texts";

type At = { screen: "order" } | { screen: "give" } | { screen: "return"; id: string; note?: string };

/** The customers' page: outside until a code or a link lets in, then the order, a new return, or one that is there. */
export function Door() {
  const [view, setView] = useState<View | null>(null);
  const [isLooking, setLooking] = useState(true);
  const [problem, setProblem] = useState<unknown>(null);
  const [at, setAt] = useState<At>({ screen: "order" });

  const look = useCallback(async () => {
    try {
      setView(await door.view());
      setProblem(null);
    } catch (error) {
      if (error instanceof No && error.code === "not_at_door") setView(null);
      else setProblem(error);
    } finally {
      setLooking(false);
    }
  }, []);

  useEffect(() => {
    const link = location.hash.slice(1);
    const begin = async () => {
      if (link) {
        history.replaceState(null, "", location.pathname); // it is a key: out of sight, and out of what is shared
        await door.link(link).catch(setProblem);
      }
      await look();
    };
    void begin();
  }, [look]);

  useEffect(() => {
    const again = () => document.visibilityState === "visible" && view !== null && void look();
    document.addEventListener("visibilitychange", again);
    return () => document.removeEventListener("visibilitychange", again);
  }, [look, view]);

  const go = (next: At) => {
    setAt(next);
    window.scrollTo(0, 0);
  };
  const leave = async () => {
    await door.leave().catch(() => undefined);
    setView(null);
    go({ screen: "order" });
  };

  if (isLooking) return <Frame><p role="status">{say("loading")}</p></Frame>;
  if (!view) return <Frame><Problem of={problem} /><Knock opened={() => { setProblem(null); void look(); }} /></Frame>;
  const chosen = at.screen === "return" ? view.returns.find((one) => one.id === at.id) : undefined;
  return (
    <Frame leave={() => void leave()}>
      <Problem of={problem} />
      {chosen ? (
        <MyReturn key={chosen.id} of={chosen} currency={view.currency} note={at.screen === "return" ? at.note : undefined} look={look} back={() => go({ screen: "order" })} />
      ) : at.screen === "give" ? (
        <Give view={view} back={() => go({ screen: "order" })} done={async (id, note) => { await look(); go({ screen: "return", id, note }); }} />
      ) : (
        <Overview view={view} give={() => go({ screen: "give" })} open={(id) => go({ screen: "return", id })} />
      )}
    </Frame>
  );
}

function Frame({ children, leave }: { children: React.ReactNode; leave?: () => void }) {
  return (
    <div className="door">
      <header>
        <p className="door-name">{say("title")}</p>
        {leave && <button type="button" className="door-quiet" onClick={leave}>{say("leave")}</button>}
      </header>
      <main>{children}</main>
    </div>
  );
}

function Overview({ view, give, open }: { view: View; give: () => void; open: (id: string) => void }) {
  const may = view.lines.some((line) => line.allowed && line.returnable > 0);
  return (
    <>
      <h1>{say("yourOrder", { number: view.number })}</h1>
      {may ? (
        <button type="button" className="door-main" onClick={give}>{say("whatComesBack")}</button>
      ) : (
        <p className="door-note">{say("nothingToReturn")}</p>
      )}
      <section aria-label={say("yourReturns")}>
        <h2>{say("yourReturns")}</h2>
        {view.returns.length === 0 && <p className="door-faint">{say("noReturns")}</p>}
        <ul className="door-list">
          {view.returns.map((one) => (
            <li key={one.id}>
              <button type="button" className="door-row" onClick={() => open(one.id)}>
                <span>
                  <strong>{one.number}</strong>
                  <span className="door-faint">{one.lines.map((line) => `${line.quantity} × ${line.title}`).join(", ")}</span>
                </span>
                <span className="door-state" data-state={one.status}>{stateOf(one)}</span>
              </button>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}
