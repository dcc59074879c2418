import { Page } from "@/parts/Page";
import { Password } from "./Password";
import { SecondFactor } from "./SecondFactor";
import { Told } from "./Told";
import { Who } from "./Who";

/** One's own account: who one is to Backoffice, what one is told, and how one signs in. */
export default function Account() {
  return (
    <Page title="Your account">
      <div className="stack narrow">
        <Who />
        <Told />
        <Password />
        <SecondFactor />
      </div>
    </Page>
  );
}
