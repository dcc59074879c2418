import { useEffect } from "react";
import { useMutation } from "@tanstack/react-query";
import { useNotify } from "ra-core";
import { freshKey, send } from "@/api/send";
import type { WayBack } from "./useTold";

/** The button in a notice that takes the step back; also `z` with Ctrl or Cmd while it is there. */
export function UndoButton({ undo, again, close }: { undo: WayBack; again?: () => void; close: () => void }) {
  const notify = useNotify();
  const back = useMutation<unknown, Error>({
    mutationFn: () =>
      send(
        new Request(new URL(undo.path, location.origin), {
          method: undo.method,
          headers: { "Content-Type": "application/json", "Idempotency-Key": freshKey() },
          body: JSON.stringify(undo.body),
        }),
      ),
    onSuccess: () => {
      again?.();
      close();
      notify("Taken back");
    },
    onError: (error) => {
      close();
      notify(error.message, { type: "error" });
    },
  });
  const { mutate, isPending } = back;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
      const target = event.target as HTMLElement | null;
      if (target?.closest("input,textarea,[contenteditable]")) return;
      event.preventDefault();
      if (!isPending) mutate();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [isPending, mutate]);
  return (
    <button type="button" className="notice-undo" title={`${undo.says} (Ctrl Z)`} disabled={isPending} onClick={() => mutate()}>
      Undo
    </button>
  );
}
