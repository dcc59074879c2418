import IconButton from "@mui/material/IconButton";
import { useQuery } from "@tanstack/react-query";
import { FlaskConical, X } from "lucide-react";
import { useState } from "react";
import { session } from "@/api/auth";

const HIDDEN = "backoffice-demo-note-hidden";

/** Says that what is shown is made up, as long as the demo shop is in the company; put away until the next visit. */
export function DemoNote() {
  const [hidden, setHidden] = useState(() => sessionStorage.getItem(HIDDEN) !== null);
  const who = useQuery({ queryKey: ["session", "demo"], queryFn: session, staleTime: Infinity });
  if (hidden || !who.data?.demo) return null;
  return (
    <aside className="demo-note" aria-label="Demo shop">
      <FlaskConical size={14} aria-hidden />
      <p>
        <strong>Demo shop.</strong> Its orders, people and goods are made up.{" "}
        <span className="demo-more">
          <code>backoffice demo clear</code> takes it out and leaves what you added.
        </span>
      </p>
      <IconButton
        aria-label="Put this note away"
        onClick={() => {
          sessionStorage.setItem(HIDDEN, "yes");
          setHidden(true);
        }}
      >
        <X size={14} />
      </IconButton>
    </aside>
  );
}
