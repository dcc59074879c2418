import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { useNotify } from "ra-core";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { Chip } from "@/parts/Chip";
import { TextIn } from "@/parts/fields";
import type { Filter } from "@/parts/filters";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { useCan } from "@/parts/scopes";
import { Empty, ProblemNote } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { When } from "@/parts/When";
import { SIBLINGS } from "./gate";

type Manifest = Shape<"Manifest">;
type Unlisted = Shape<"Unlisted">;

const TONES = { asked: "info", unknown: "bad", closed: "ok", refused: "warn" } as const;

const FILTERS: Filter[] = [
  { field: "status", label: "State", kind: "choice", choices: Object.keys(TONES) },
  { field: "node", label: "Node", kind: "text", operator: "eq" },
  { field: "carrier", label: "Carrier", kind: "text", operator: "eq" },
];

const kilograms = (grams: number) => `${(grams / 1000).toFixed(2)} kg`;

/** What left with each carrier, as lists to be signed, and what is on none yet. */
export function ManifestList() {
  const can = useCan();
  const [again, setAgain] = useState<Manifest | null>(null);
  const listing = useListing<Manifest>("manifests", { sort: "-closed_at" });
  const columns: Column<Manifest>[] = [
    { id: "number", label: "Manifest", sort: "number", render: (m) => <span className="mono strong">{m.number}</span> },
    { id: "on", label: "Day", render: (m) => m.on },
    { id: "node", label: "Node", render: (m) => m.node },
    { id: "carrier", label: "Carrier", render: (m) => <>{m.carrier} {m.account && <span className="faint">{m.account}</span>}</> },
    { id: "status", label: "State", render: (m) => <Chip state={m.status} tone={TONES[m.status as keyof typeof TONES]} /> },
    { id: "parcels", label: "Parcels", sort: "parcels", align: "right", render: (m) => m.parcels },
    { id: "weight_grams", label: "Weight", align: "right", render: (m) => kilograms(m.weight_grams) },
    { id: "why", label: "Why", grow: true, render: (m) => <span className="quiet small">{m.why}</span> },
    { id: "closed_at", label: "Closed", sort: "closed_at", render: (m) => <When at={m.closed_at} /> },
    { id: "verbs", label: "", align: "right", render: (m) => (
      <span className="row">
        {m.next.includes("ask_again") && can("write_shipping") && <Button variant="text" onClick={() => setAgain(m)}>Ask again</Button>}
        {m.provider_ref && <a className="link" href={`/api/v1/manifests/${m.id}/form.pdf`} target="_blank" rel="noreferrer">Form</a>}
        <a className="link" href={`/api/v1/manifests/${m.id}/manifest.pdf`} target="_blank" rel="noreferrer">PDF</a>
      </span>
    ) },
  ];
  return (
    <ListPage
      title="Manifests"
      about="The lists that are handed over with the parcels. A parcel is on one, and only once it has left."
      listing={listing}
      columns={columns}
      filters={FILTERS}
      siblings={SIBLINGS}
      before={<ToList />}
      empty={<Empty title="No manifest yet">Close one when a carrier has fetched.</Empty>}
    >
      {again && <AskAgain manifest={again} close={() => setAgain(null)} />}
    </ListPage>
  );
}

/** What left and is on no list, by node and carrier: a press closes the list. */
function ToList() {
  const can = useCan();
  const notify = useNotify();
  const open = useQuery({ queryKey: ["manifests", "unlisted"], queryFn: () => answer(api.GET("/api/v1/manifests/unlisted")) });
  const close = useWrite(
    ({ node, carrier, account }: Unlisted, once) => answer(api.POST("/api/v1/manifests", { body: { node, carrier, account }, ...once })),
    { touches: ["manifests"], done: (made) => notify(`${made.number} lists ${made.parcels} parcels.`) },
  );
  const rows = open.data?.data ?? [];
  if (open.error || close.error) return <ProblemNote problem={open.error ?? close.error} />;
  if (rows.length === 0) return null;
  return (
    <section className="row wrap" aria-label="Left, and on no manifest">
      {rows.map((row) => (
        <span key={`${row.node} ${row.carrier} ${row.account ?? ""}`} className="row">
          <span>
            <span className="strong">{row.parcels}</span> left {row.node} with {row.carrier} {row.account && <span className="faint">{row.account}</span>}
          </span>
          {can("write_shipping") && (
            <Button variant="outlined" disabled={close.isPending} onClick={() => close.mutate(row)}>
              Close the manifest
            </Button>
          )}
        </span>
      ))}
    </section>
  );
}

function AskAgain({ manifest, close }: { manifest: Manifest; close: () => void }) {
  const again = useWrite(
    (body: { reason: string }, once) => answer(api.POST("/api/v1/manifests/{manifest_id}/ask-again", { params: { path: { manifest_id: manifest.id } }, body, ...once })),
    { touches: ["manifests"] },
  );
  return (
    <Ask<{ reason: string }, { reason: string }>
      title={`Ask again for ${manifest.number}`}
      about="The carrier is asked once more for its own form. Our list stands whatever it says."
      verb="Ask again"
      values={{ reason: "" }}
      input={({ reason }) => ({ reason: reason.trim() })}
      write={again}
      close={close}
    >
      <TextIn name="reason" label="Why" required autoFocus />
    </Ask>
  );
}
