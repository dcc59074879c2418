import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import type { ReactNode } from "react";
import { FormProvider, useForm, type DefaultValues, type FieldValues, type Path } from "react-hook-form";
import { Problem } from "@/api/problem";
import { SomebodyElse, type Seen } from "./seen";
import { ProblemNote } from "./states";

type Write<Input> = { mutate: (input: Input, options?: { onSuccess?: () => void; onError?: (error: Error) => void }) => void; isPending: boolean; error: Error | null };

type Props<Values extends FieldValues, Input> = {
  title: string;
  about?: ReactNode;
  /** The word on the button: what will happen. */
  verb: string;
  tone?: "primary" | "error";
  values: DefaultValues<Values>;
  /** What is sent, from what was entered; null when it is not yet right. */
  input: (values: Values) => Input | null;
  write: Write<Input>;
  close: () => void;
  width?: "xs" | "sm" | "md";
  /** The version that is sent along, and what kind of thing it is of. */
  seen?: Seen;
  what?: string;
  /** What stands below the server's sentence when it says no: a way to where that can be changed. */
  helps?: (refused: Problem) => ReactNode;
  children?: ReactNode;
};

/**
 * A dialog that asks for what a verb needs and does it. A refusal stands inside it, beside the field it is
 * about where the server names one, and what was entered stays.
 */
export function Ask<Values extends FieldValues, Input>(props: Props<Values, Input>) {
  const { title, about, verb, tone = "primary", values, input, write, close, width = "xs", seen, what = "record", helps, children } = props;
  const form = useForm<Values>({ defaultValues: values });
  const submit = form.handleSubmit((entered) => {
    const asked = input(entered);
    if (asked === null) return;
    write.mutate(asked, { onSuccess: close, onError: (error) => markFields(error, form.setError) });
  });
  return (
    <Dialog open onClose={write.isPending ? undefined : close} fullWidth maxWidth={width}>
      <FormProvider {...form}>
        <form
          onSubmit={(event) => {
            form.clearErrors(); // what the server said of a field that is not here would stop every further try
            void submit(event);
          }}
          noValidate
        >
          <DialogTitle>{title}</DialogTitle>
          <DialogContent>
            <div className="stack">
              {about && <div className="quiet">{about}</div>}
              {children}
              {seen ? <SomebodyElse seen={seen} what={what} /> : null}
              {!(seen && isStale(write.error)) && <ProblemNote problem={write.error}>{helps && write.error instanceof Problem && helps(write.error)}</ProblemNote>}
            </div>
          </DialogContent>
          <DialogActions>
            <Button onClick={close} disabled={write.isPending}>
              Back
            </Button>
            <Button type="submit" variant="contained" color={tone} loading={write.isPending}>
              {verb}
            </Button>
          </DialogActions>
        </form>
      </FormProvider>
    </Dialog>
  );
}

const isStale = (error: unknown) => error instanceof Problem && error.isStale;

/** Puts the server's sentences beside the fields they are about. */
export function markFields<Values extends FieldValues>(
  error: Error,
  setError: (name: Path<Values>, error: { type: string; message: string }) => void,
): void {
  if (!(error instanceof Problem)) return;
  for (const { field, message } of error.fields) setError(field as Path<Values>, { type: "server", message });
}
