import { X } from "lucide-react";
import { undoableEventEmitter, useNotificationContext, useTranslate } from "ra-core";
import { useEffect } from "react";
import { UndoButton } from "@/undo/UndoButton";
import type { WayBack } from "@/undo/useTold";

const SHOWN_MS = 5000;

/** What was done, said once, in the corner: `useNotify()("Order 1001 is on hold")`. */
export function Notices() {
  const { notifications, takeNotification } = useNotificationContext();
  const translate = useTranslate();
  const first = notifications[0];
  useEffect(() => {
    if (!first) return;
    const timer = setTimeout(() => {
      if (first.notificationOptions?.undoable) undoableEventEmitter.emit("end", { isUndo: false });
      takeNotification();
    }, first.notificationOptions?.autoHideDuration ?? SHOWN_MS);
    return () => clearTimeout(timer);
  }, [first, takeNotification]);
  if (!first) return <div className="notices" aria-live="polite" />;
  const { message, type, notificationOptions } = first;
  const undo = notificationOptions?.undo as WayBack | undefined;
  return (
    <div className="notices" aria-live="polite">
      <div className="notice" data-tone={type}>
        {typeof message === "string" ? translate(message, { _: message, ...notificationOptions?.messageArgs }) : message}
        {undo && <UndoButton undo={undo} again={notificationOptions?.again as (() => void) | undefined} close={() => takeNotification()} />}
        <button type="button" aria-label="Close" onClick={() => takeNotification()}>
          <X size={14} aria-hidden />
        </button>
      </div>
    </div>
  );
}
