import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { FormProvider, useForm, useWatch } from "react-hook-form";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { SelectIn, TextIn } from "@/parts/fields";
import { Loading, ProblemNote } from "@/parts/states";
import type { ACTIONS} from "./actions";
import { NO_VALUES, type Do, type Noun, type Values } from "./actions";
import { BulkProgress } from "./BulkProgress";

type Chosen = { ids?: string[]; filters?: Record<string, string> };
type Props = { noun: Noun; action: (typeof ACTIONS)[Noun][number]; chosen: Chosen; count: number; close: () => void; done: () => void };

/** Asks what the action needs, shows what would happen before it does, and then how far it is. */
export function BulkDialog({ noun, action, chosen, count, close, done }: Props) {
  const [kept] = useState(chosen); // the selection of the moment the dialog opened
  const [jobId, setJobId] = useState<string | null>(null);
  const form = useForm<Values>({ defaultValues: NO_VALUES });
  const values = useWatch({ control: form.control }) as Values;
  const asked = action.make(values);
  const preview = usePreview(noun, asked, kept);
  const start = useWrite(
    (body: { do: Do; expected?: number } & Chosen, once) =>
      noun === "orders"
        ? answer(api.POST("/api/v1/orders/bulk", { body: body as Shape<"OrdersBulk">, ...once }))
        : answer(api.POST("/api/v1/products/bulk", { body: body as Shape<"ProductsBulk">, ...once })),
    { done: (job) => setJobId(job.id) },
  );
  const end = () => {
    close();
    if (jobId) done();
  };
  const would = preview.data?.would;
  return (
    <Dialog open onClose={start.isPending ? undefined : end} fullWidth maxWidth="sm">
      <DialogTitle>
        {action.label} · {count.toLocaleString("en-GB")} {noun}
      </DialogTitle>
      {jobId ? (
        <BulkProgress jobId={jobId} close={end} />
      ) : (
        <FormProvider {...form}>
          <form
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              if (asked && preview.data) start.mutate({ do: asked, expected: kept.filters ? preview.data.total : undefined, ...kept });
            }}
          >
            <DialogContent>
              <div className="stack">
                <Fields action={action} />
                {asked ? <Outcome preview={preview} noun={noun} /> : <p className="quiet">Fill in the above to see what would happen.</p>}
                <ProblemNote problem={start.error} retry={start.error ? () => void preview.refetch() : undefined} />
              </div>
            </DialogContent>
            <DialogActions>
              <Button onClick={end} disabled={start.isPending}>
                Back
              </Button>
              <Button type="submit" variant="contained" color={action.tone ?? "primary"} loading={start.isPending} disabled={!asked || !would}>
                {action.verb}
                {would !== undefined && ` (${would.toLocaleString("en-GB")})`}
              </Button>
            </DialogActions>
          </form>
        </FormProvider>
      )}
    </Dialog>
  );
}

function Fields({ action }: { action: Props["action"] }) {
  return (
    <>
      {action.fields.includes("reason") && <SelectIn name="reason" label="Held for" choices={["manual", "fraud", "address", "payment"]} autoFocus />}
      {action.fields.includes("add") && <TextIn name="add" label="Add tags" help="Separated by commas" autoFocus />}
      {action.fields.includes("remove") && <TextIn name="remove" label="Remove tags" help="Separated by commas" />}
      {action.fields.includes("body") && <TextIn name="body" label="Note" rows={3} required autoFocus />}
      {action.fields.includes("note") && (
        <TextIn name="note" label={action.id === "cancel" ? "Reason" : "Note"} required={action.id === "cancel"} />
      )}
    </>
  );
}

function usePreview(noun: Noun, asked: Do | null, chosen: Chosen) {
  return useQuery({
    queryKey: ["bulk-preview", noun, asked, chosen],
    enabled: asked !== null,
    staleTime: 5000,
    placeholderData: (before: Shape<"Preview"> | undefined) => before,
    queryFn: () => {
      const body = { do: asked, ...chosen };
      return noun === "orders"
        ? answer(api.POST("/api/v1/orders/bulk/preview", { body: body as Shape<"OrdersBulk"> }))
        : answer(api.POST("/api/v1/products/bulk/preview", { body: body as Shape<"ProductsBulk"> }));
    },
  });
}

function Outcome({ preview, noun }: { preview: ReturnType<typeof usePreview>; noun: Noun }) {
  if (preview.error) return <ProblemNote problem={preview.error} retry={() => void preview.refetch()} />;
  if (!preview.data) return <Loading lines={2} />;
  const { would, total, refused } = preview.data;
  return (
    <div className="outcome" aria-live="polite" data-busy={preview.isFetching || undefined}>
      <p>
        <span className="strong">{would.toLocaleString("en-GB")}</span> of {total.toLocaleString("en-GB")} {noun} would be done.
      </p>
      {refused.map((why) => (
        <div key={why.code} className="outcome-refused">
          <span className="strong">{why.count.toLocaleString("en-GB")} refused</span>
          <span>{why.sentence}</span>
          <span className="faint small">
            {why.examples.join(", ")}
            {why.count > why.examples.length && ` and ${(why.count - why.examples.length).toLocaleString("en-GB")} more`}
          </span>
        </div>
      ))}
    </div>
  );
}
