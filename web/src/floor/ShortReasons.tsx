import { Reasons } from "./Reasons";

const REASONS = ["not in the bin", "damaged", "something else lies there", "cannot be reached"];

type Props = { found: number; wanted: number; choose: (reason: string) => void; back: () => void };

/** Why fewer were taken than asked. */
export function ShortReasons({ found, wanted, choose, back }: Props) {
  return (
    <Reasons
      label="Why fewer"
      question={`${found} of ${wanted} taken. What about the rest?`}
      reasons={REASONS}
      choose={choose}
      back={back}
      backLabel="back to the bin"
    />
  );
}
