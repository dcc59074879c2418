import Button from "@mui/material/Button";
import { useQueryClient } from "@tanstack/react-query";
import { FileUp } from "lucide-react";
import { useRef, useState, type DragEvent } from "react";
import { useNavigate } from "react-router";
import { Card, Page } from "@/parts/Page";
import { useCan } from "@/parts/scopes";
import { Empty, ProblemNote } from "@/parts/states";
import { KINDS, runHref, upload, type Kind } from "./run";

/** A file is dropped or chosen; what it holds is said first. */
export function NewImport() {
  const can = useCan();
  const allowed = KINDS.filter(({ scope }) => can(scope));
  const [kind, setKind] = useState<Kind | undefined>(allowed[0]?.kind);
  const [arrived, setArrived] = useState<number | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [over, setOver] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  const queries = useQueryClient();

  const take = async (file: File | undefined) => {
    if (!file || !kind || arrived !== null) return;
    setProblem(null);
    setArrived(0);
    try {
      const run = await upload(kind, file, setArrived);
      void queries.invalidateQueries({ queryKey: ["imports"] });
      void navigate(runHref(run.id));
    } catch (error) {
      setProblem(error);
      setArrived(null);
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  const crumbs = [{ label: "Imports", to: "/imports" }];
  if (allowed.length === 0) {
    return (
      <Page title="Import a file" crumbs={crumbs}>
        <Empty title="There is nothing you may import">It takes a scope that writes orders, the catalogue, customers or stock.</Empty>
      </Page>
    );
  }
  return (
    <Page title="Import a file" crumbs={crumbs}>
      <Card title="What is in it?">
        <div className="stack">
          <div className="kinds" role="radiogroup" aria-label="What is in the file">
            {allowed.map((one) => (
              <Button
                key={one.kind}
                role="radio"
                aria-checked={kind === one.kind}
                variant={kind === one.kind ? "contained" : "outlined"}
                color={kind === one.kind ? "primary" : "inherit"}
                onClick={() => setKind(one.kind)}
              >
                {one.label}
              </Button>
            ))}
          </div>
          <div
            className="drop"
            data-over={over || undefined}
            onDragOver={(event) => {
              event.preventDefault();
              setOver(true);
            }}
            onDragLeave={() => setOver(false)}
            onDrop={drop}
          >
            <FileUp size={24} strokeWidth={1.6} aria-hidden />
            <p className="strong">Drop a file here</p>
            <p className="quiet">CSV or a tab-separated report; exports of Shopify and Amazon as they are. Up to 25 MB.</p>
            <Button variant="outlined" loading={arrived !== null} onClick={() => picker.current?.click()}>
              Choose a file
            </Button>
            <input
              ref={picker}
              type="file"
              hidden
              aria-label="File to import"
              accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values,text/plain"
              onChange={(event) => {
                const [file] = event.target.files ?? [];
                event.target.value = "";
                void take(file);
              }}
            />
            {arrived !== null && <Bar part={arrived} label="Uploading" />}
          </div>
          <ProblemNote problem={problem} />
        </div>
      </Card>
    </Page>
  );
}

export function Bar({ part, label }: { part: number; label: string }) {
  const percent = Math.round(part * 100);
  return (
    <div className="progress-bar" role="progressbar" aria-label={label} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100}>
      <Fill percent={percent} />
    </div>
  );
}

/** Set through the DOM: the page's policy allows no style in the markup. */
function Fill({ percent }: { percent: number }) {
  return (
    <span
      ref={(node) => {
        node?.style.setProperty("width", `${percent}%`);
      }}
    />
  );
}
