import Button from "@mui/material/Button";
import { Download } from "lucide-react";

/** A list as CSV, streamed by the server: a link, so that the browser saves it as it comes. */
export function ExportLink({ file, query = "" }: { file: string; query?: string }) {
  return (
    <Button component="a" href={`/api/v1/exports/${file}.csv${query && `?${query}`}`} download startIcon={<Download size={14} />}>
      Export CSV
    </Button>
  );
}
