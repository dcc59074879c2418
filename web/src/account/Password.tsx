import Button from "@mui/material/Button";
import { useNotify } from "ra-core";
import { FormProvider, useForm } from "react-hook-form";
import { answer, api } from "@/api/client";
import { useWrite } from "@/api/write";
import { markFields } from "@/parts/Ask";
import { TextIn } from "@/parts/fields";
import { Card } from "@/parts/Page";
import { ProblemNote } from "@/parts/states";

type Values = { old_password: string; new_password: string; again: string };
const NONE: Values = { old_password: "", new_password: "", again: "" };

export function Password() {
  const notify = useNotify();
  const form = useForm<Values>({ defaultValues: NONE });
  const write = useWrite(
    (body: { old_password: string; new_password: string }, once) => answer(api.PUT("/api/v1/session/password", { body, ...once })),
    {
      done: () => {
        form.reset(NONE);
        notify("Your password is changed. Your other sessions have ended.", { type: "success" });
      },
    },
  );
  const submit = form.handleSubmit((values) => {
    if (values.new_password !== values.again) return form.setError("again", { message: "The two are not the same." });
    write.mutate({ old_password: values.old_password, new_password: values.new_password }, { onError: (error) => markFields<Values>(error, (name, said) => form.setError(name, said)) });
  });
  return (
    <Card title="Password">
      <FormProvider {...form}>
        <form className="stack" onSubmit={(event) => void submit(event)} noValidate>
          <TextIn name="old_password" label="Password now" type="password" required />
          <TextIn name="new_password" label="New password" type="password" required help="At least 12 characters: a sentence is best." />
          <TextIn name="again" label="New password again" type="password" required />
          <ProblemNote problem={write.error} />
          <div>
            <Button type="submit" variant="contained" color="primary" loading={write.isPending}>
              Change password
            </Button>
          </div>
        </form>
      </FormProvider>
    </Card>
  );
}
