import type { Shape } from "@/api/client";
import { Card } from "@/parts/Page";

type Photo = Shape<"ReturnPhotoAnswer">;

/** Photos of what comes back, each a link to the whole of it; nothing where there are none. */
export function Photos({ of, titles = {} }: { of: Photo[]; titles?: Record<number, string> }) {
  if (of.length === 0) return null;
  return (
    <Card title="Photos" count={of.length}>
      <div className="row wrap">
        {of.map((photo) => {
          const what = (photo.line_no !== null && titles[photo.line_no]) || "what came";
          const by = photo.taken_by.startsWith("customer:") ? "by the customer" : "at the dock";
          return (
            <a key={photo.id} href={`/api/v1/return-photos/${photo.id}`} target="_blank" rel="noreferrer">
              <img className="return-photo" src={`/api/v1/return-photos/${photo.id}`} alt={`Photo of ${what}, ${by}`} loading="lazy" width={112} height={112} />
            </a>
          );
        })}
      </div>
    </Card>
  );
}
