import { useState } from "react";
import { door, No } from "./ask";
import { Problem } from "./parts";
import { say } from "./texts";

/** Outside: an order's number and its e-mail address, then the code that was mailed there. */
export function Knock({ opened }: { opened: () => void }) {
  const [order, setOrder] = useState("");
  const [email, setEmail] = useState("");
  const [code, setCode] = useState("");
  const [challenge, setChallenge] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);

  const doing = async (work: () => Promise<void>) => {
    setBusy(true);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(error);
      if (error instanceof No && error.code === "wrong_code") setCode("");
    } finally {
      setBusy(false);
    }
  };
  const knock = () => doing(async () => setChallenge((await door.code(order.trim(), email.trim())).challenge));
  const comeIn = () =>
    doing(async () => {
      await door.open(challenge ?? "", code.trim());
      opened();
    });

  return (
    <form
      className="door-card"
      onSubmit={(event) => {
        event.preventDefault();
        void (challenge === null ? knock() : comeIn());
      }}
    >
      <h1>{say("title")}</h1>
      {challenge === null ? (
        <>
          <p>{say("intro")}</p>
          <label>
            {say("order")}
            <input value={order} onChange={(event) => setOrder(event.target.value)} required maxLength={64} autoComplete="off" autoCapitalize="characters" autoFocus />
          </label>
          <label>
            {say("email")}
            <input type="email" value={email} onChange={(event) => setEmail(event.target.value)} required maxLength={254} autoComplete="email" inputMode="email" />
          </label>
          <Problem of={problem} />
          <button type="submit" className="door-main" disabled={isBusy}>{say("sendCode")}</button>
        </>
      ) : (
        <>
          <p role="status">{say("codeSent", { email })}</p>
          <label>
            {say("code")}
            <input className="door-code" value={code} onChange={(event) => setCode(event.target.value)} required maxLength={20} inputMode="numeric" autoComplete="one-time-code" autoFocus />
          </label>
          <Problem of={problem} />
          <button type="submit" className="door-main" disabled={isBusy}>{say("comeIn")}</button>
          <button type="button" className="door-quiet" onClick={() => { setChallenge(null); setCode(""); setProblem(null); }}>{say("again")}</button>
        </>
      )}
    </form>
  );
}
