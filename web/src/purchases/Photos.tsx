import IconButton from "@mui/material/IconButton";
import { Trash2 } from "lucide-react";
import { useNotify } from "ra-core";
import { useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { TextIn } from "@/parts/fields";
import { actorText } from "@/parts/History";
import { Card } from "@/parts/Page";
import { useCan } from "@/parts/scopes";
import { When } from "@/parts/When";
import type { GoodsReceipt } from "./TakeBack";

type Photo = GoodsReceipt["photos"][number];
type Line = GoodsReceipt["lines"][number];
type Shown = { photo: Photo; line: Line | undefined; receipt: string };

/** What a photo shows, for who cannot see it too. */
const captionOf = ({ line, receipt }: Shown) =>
  line ? `${line.quantity} ${line.sku} ${line.condition}${line.reason ? `: ${line.reason}` : ""}` : `of ${receipt}`;

/** How goods came, with what was said of them. */
export function Photos({ of: receipts }: { of: GoodsReceipt[] }) {
  const [removing, setRemoving] = useState<Shown | null>(null);
  const mayRemove = useCan()("write_stock");
  const shown: Shown[] = receipts.flatMap((r) => r.photos.map((photo) => ({ photo, line: r.lines.find((l) => l.no === photo.line_no), receipt: r.number })));
  if (shown.length === 0) return null;
  return (
    <Card title="Photos of what came" count={shown.length}>
      <ul className="photos">
        {shown.map((one) => (
          <li key={one.photo.id}>
            <a href={`/api/v1/receipt-photos/${one.photo.id}`} target="_blank" rel="noreferrer">
              <img src={`/api/v1/receipt-photos/${one.photo.id}`} alt={captionOf(one)} width={one.photo.width} height={one.photo.height} loading="lazy" />
            </a>
            <div className="row apart">
              <div>
                <p className="small">{captionOf(one)}</p>
                <p className="faint small">
                  {one.receipt}, <When at={one.photo.at} /> by {actorText(one.photo.taken_by)}
                </p>
              </div>
              {mayRemove && (
                <IconButton aria-label={`Remove the photo of ${captionOf(one)}`} onClick={() => setRemoving(one)}>
                  <Trash2 size={14} />
                </IconButton>
              )}
            </div>
          </li>
        ))}
      </ul>
      {removing && <Remove one={removing} close={() => setRemoving(null)} />}
    </Card>
  );
}

function Remove({ one, close }: { one: Shown; close: () => void }) {
  const notify = useNotify();
  const remove = useWrite(
    (body: Shape<"PhotoRemoval">, once) => answer(api.POST("/api/v1/receipt-photos/{photo_id}/remove", { params: { path: { photo_id: one.photo.id } }, body, ...once })),
    { touches: ["receipts"], done: () => notify("The photo is removed.") },
  );
  return (
    <Ask<{ reason: string }, Shape<"PhotoRemoval">>
      title="Remove the photo"
      about={`The photo of ${captionOf(one)} on ${one.receipt} is gone for good. The log keeps that there was one, who took it, and why it went. Photos of others take the right to judge goods.`}
      verb="Remove it"
      tone="error"
      values={{ reason: "" }}
      input={({ reason }) => ({ reason })}
      write={remove}
      close={close}
    >
      <TextIn name="reason" label="Why" required autoFocus />
    </Ask>
  );
}
