import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { Problem } from "./problem";
import type { ResourceName } from "./resources";
import { freshKey } from "./send";

export type Once = { headers: { "Idempotency-Key": string } };

type Options<Input, Output> = {
  /** Lists and details that are read anew afterwards. */
  touches?: (ResourceName | "home")[];
  done?: (output: Output, input: Input) => void;
};

/**
 * A change that a person makes. Pressing the button again after silence repeats the same change under the same
 * key; only when the server has answered, or something else is asked, is it a new one.
 *
 *     const hold = useWrite((body: HoldBody, once) =>
 *       answer(api.POST("/api/v1/orders/{order}/hold", { params: { path: { order } }, body, ...once })),
 *       { touches: ["orders"] });
 */
export function useWrite<Input, Output>(
  write: (input: Input, once: Once) => Promise<Output>,
  { touches = [], done }: Options<Input, Output> = {},
) {
  const queries = useQueryClient();
  const pending = useRef<{ asked: string; key: string } | null>(null);
  const refresh = () => {
    for (const name of touches) void queries.invalidateQueries({ queryKey: [name] });
  };
  return useMutation<Output, Error, Input>({
    mutationFn: async (input) => {
      const asked = JSON.stringify(input) ?? "";
      if (pending.current?.asked !== asked) pending.current = { asked, key: freshKey() };
      const output = await write(input, { headers: { "Idempotency-Key": pending.current.key } });
      pending.current = null;
      return output;
    },
    onError: (error) => {
      if (!(error instanceof Problem)) return;
      if (error.status < 500) pending.current = null;
      // Somebody else was faster: show what they did.
      if (error.isStale) refresh();
    },
    onSuccess: (output, input) => {
      refresh();
      done?.(output, input);
    },
  });
}
