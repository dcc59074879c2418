import Button from "@mui/material/Button";
import TextField from "@mui/material/TextField";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useAuthProvider } from "ra-core";
import { Problem } from "@/api/problem";
import { ProblemNote } from "@/parts/states";
import { Mark } from "./Mark";

export function SignIn({ again }: { again: boolean }) {
  const auth = useAuthProvider();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [asksCode, setAsksCode] = useState(false);
  const signIn = useMutation<unknown, Error>({
    mutationFn: async () => (await auth?.login({ email, password, code: asksCode ? code : null })) as unknown,
    onError: (error) => {
      if (error instanceof Problem && error.code === "second_factor_needed") setAsksCode(true);
    },
  });
  const isAsked = signIn.error instanceof Problem && signIn.error.code === "second_factor_needed";
  useEffect(() => {
    if (!again) document.title = "Sign in · Backoffice";
  }, [again]);
  return (
    <main className={again ? "door over" : "door"}>
      <form
        className="door-card"
        aria-label="Sign in"
        onSubmit={(event) => {
          event.preventDefault();
          signIn.mutate();
        }}
      >
        <Mark size={34} />
        <div>
          <h1>{again ? "Sign in again" : "Sign in"}</h1>
          <p className="quiet">
            {again ? "Your session ended. What you were doing is still here." : "To the console of Backoffice."}
          </p>
        </div>
        <TextField
          label="E-mail"
          type="email"
          name="email"
          autoComplete="username"
          autoFocus
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <TextField
          label="Password"
          type="password"
          name="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        {asksCode && (
          <TextField
            label="Code"
            name="code"
            autoComplete="one-time-code"
            autoFocus
            required
            value={code}
            onChange={(event) => setCode(event.target.value)}
            helperText="The six digits that your app shows, or a recovery code."
            slotProps={{ htmlInput: { inputMode: "numeric", className: "mono" } }}
          />
        )}
        <ProblemNote problem={isAsked ? null : signIn.error} />
        <Button type="submit" variant="contained" color="primary" loading={signIn.isPending} className="door-button">
          Sign in
        </Button>
      </form>
    </main>
  );
}
