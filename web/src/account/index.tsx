import { Page } from "@/parts/Page";
import { Password } from "./Password";
import { Told } from "./Told";
import { Who } from "./Who";

/** One's own account: who one is to Backoffice, what one is told, and the password. */
export default function Account() {
  return (
    <Page title="Your account">
      <div className="stack narrow">
        <Who />
        <Told />
        <Password />
      </div>
    </Page>
  );
}
