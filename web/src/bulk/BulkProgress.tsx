import Button from "@mui/material/Button";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { Link } from "react-router";
import { answer, api } from "@/api/client";
import { useEvents } from "@/api/live";
import { useWrite } from "@/api/write";
import { Chip } from "@/parts/Chip";
import { Loading, ProblemNote } from "@/parts/states";
import { Progress } from "./Progress";

const ENDED = ["done", "cancelled"];

/** An action on many records: asked anew when the server says it moved, and every other second in case it does not. */
export function useBulk(jobId: string) {
  const queries = useQueryClient();
  const key = ["bulk", "detail", jobId];
  useEvents(
    useCallback(
      (event) => {
        if (event.subject !== `bulk:${jobId}`) return;
        void queries.invalidateQueries({ queryKey: ["bulk"] });
        if (event.kind === "BulkFinished") void queries.invalidateQueries({ queryKey: ["orders"] });
      },
      [jobId, queries],
    ),
  );
  return useQuery({
    queryKey: key,
    queryFn: () => answer(api.GET("/api/v1/bulk/{job_id}", { params: { path: { job_id: jobId } } })),
    refetchInterval: (query) => (query.state.data && ENDED.includes(query.state.data.status) ? false : 2000),
  });
}

export function useBulkVerbs(jobId: string) {
  const queries = useQueryClient();
  const path = { params: { path: { job_id: jobId } } };
  const again = { done: () => void queries.invalidateQueries({ queryKey: ["bulk"] }) };
  const cancel = useWrite((_: null, once) => answer(api.POST("/api/v1/bulk/{job_id}/cancel", { ...path, ...once })), again);
  const undo = useWrite((_: null, once) => answer(api.POST("/api/v1/bulk/{job_id}/undo", { ...path, ...once })), again);
  return { cancel, undo };
}

/** How far an action is, in the dialog that began it. It goes on when the dialog is closed. */
export function BulkProgress({ jobId, close }: { jobId: string; close: () => void }) {
  const job = useBulk(jobId);
  const { cancel } = useBulkVerbs(jobId);
  return (
    <>
      <DialogContent>
        <div className="stack">
          {job.data ? (
            <>
              <div className="row apart">
                <Chip state={job.data.status} />
                <Link to={`/actions/${jobId}`} onClick={close} className="link">
                  Result of each row
                </Link>
              </div>
              <Progress total={job.data.total} counts={job.data.counts} />
              {!ENDED.includes(job.data.status) && <p className="quiet">It goes on when you close this. Your inbox tells when it is over.</p>}
            </>
          ) : (
            <Loading lines={2} />
          )}
          <ProblemNote problem={job.error ?? cancel.error} />
        </div>
      </DialogContent>
      <DialogActions>
        {job.data?.next.includes("cancel") && (
          <Button loading={cancel.isPending} onClick={() => cancel.mutate(null)}>
            Cancel the rest
          </Button>
        )}
        <Button variant="contained" color="primary" onClick={close} autoFocus>
          Close
        </Button>
      </DialogActions>
    </>
  );
}
