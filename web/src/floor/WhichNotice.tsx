import type { LiveNotice } from "./dock";
import { Reasons } from "./Reasons";

const NONE = "on none of them";

/** On which of the supplier's notices the goods came. */
export function WhichNotice({ offered, choose, back }: { offered: readonly LiveNotice[]; choose: (one: LiveNotice | null) => void; back: () => void }) {
  const told = (one: LiveNotice) => `${one.number}, their ${one.reference}, for ${one.expected_at.slice(0, 10)}`;
  return (
    <Reasons
      label="Which notice"
      question="On which notice of the supplier did it come?"
      reasons={[...offered.map(told), NONE]}
      choose={(reason) => choose(offered.find((one) => told(one) === reason) ?? null)}
      back={back}
      backLabel="back"
    />
  );
}
