import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { Problem } from "@/api/problem";
import { Ask } from "./Ask";
import { TextIn } from "./fields";

const refusal = (field: string) =>
  new Problem(422, { code: "invalid", message: "Not so.", details: {}, fields: [{ field, message: "Not so." }], request_id: "r" });

function show(error: Error) {
  const mutate = vi.fn((_: { name: string }, options?: { onError?: (error: Error) => void }) => options?.onError?.(error));
  render(
    <Ask<{ name: string }, { name: string }>
      title="Rename"
      verb="Save"
      values={{ name: "a" }}
      input={(values) => values}
      write={{ mutate, isPending: false, error }}
      close={() => undefined}
    >
      <TextIn name="name" label="Name" required />
    </Ask>,
  );
  return mutate;
}
const name = () => screen.getByLabelText<HTMLInputElement>(/^Name/);
const save = () => fireEvent.click(screen.getByRole("button", { name: "Save" }));
afterEach(cleanup);

test("a refusal stands at the field that it is about, and what was entered can be mended and sent again", async () => {
  const mutate = show(refusal("name"));
  save();
  await waitFor(() => expect(name().getAttribute("aria-invalid")).toBe("true"));
  fireEvent.change(name(), { target: { value: "b" } });
  save();
  await waitFor(() => expect(mutate).toHaveBeenCalledTimes(2));
  expect(mutate.mock.lastCall?.[0]).toEqual({ name: "b" });
});

test("a refusal about something that has no field here does not stop the next try", async () => {
  const mutate = show(refusal("elsewhere"));
  save();
  await waitFor(() => expect(mutate).toHaveBeenCalledTimes(1));
  save();
  await waitFor(() => expect(mutate).toHaveBeenCalledTimes(2));
});
