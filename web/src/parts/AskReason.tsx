import type { ReactNode } from "react";
import type { Once } from "@/api/write";
import { useWrite } from "@/api/write";
import type { ResourceName } from "@/api/resources";
import { Ask } from "./Ask";
import { TextIn } from "./fields";
import { useSeen } from "./seen";

export type Reasoned = { reason: string; version: number };

type Props<Output> = {
  title: string;
  about?: ReactNode;
  /** The word on the button: what will happen. */
  verb: string;
  tone?: "primary" | "error";
  /** What the reason is called. */
  label?: string;
  /** The record as it is now, and what kind of thing it is. */
  of: { version: number };
  what: string;
  write: (body: Reasoned, once: Once) => Promise<Output>;
  touches: readonly ResourceName[];
  close: () => void;
};

/** A verb that needs a reason and nothing else, against the version that was seen. */
export function AskReason<Output>({ label = "Why", of, write, touches, what, close, ...said }: Props<Output>) {
  const seen = useSeen(of.version);
  const done = useWrite(write, { touches: [...touches] });
  return (
    <Ask<{ reason: string }, Reasoned>
      {...said}
      values={{ reason: "" }}
      input={({ reason }) => ({ reason, version: seen.version })}
      write={done}
      close={close}
      seen={seen}
      what={what}
    >
      <TextIn name="reason" label={label} required autoFocus />
    </Ask>
  );
}
