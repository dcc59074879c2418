import { X } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { listHref } from "@/parts/links";
import { Card } from "@/parts/Page";
import { useCan } from "@/parts/scopes";
import { ProblemNote } from "@/parts/states";
import { useTold } from "@/undo/useTold";
import { at, type Order } from "./order";

export function Tags({ order }: { order: Order }) {
  const may = useCan()("write_orders");
  const [text, setText] = useState("");
  const told = useTold(["orders"]);
  const tag = useWrite(
    (body: Shape<"TagsBody">, once) => answer(api.POST("/api/v1/orders/{order}/tags", { ...at(order.id), body, ...once })),
    { touches: ["orders"], done: (now) => { setText(""); told("The tags are changed.", now.undo); } },
  );
  return (
    <Card title="Tags">
      <div className="stack tight">
        <div className="row wrap">
          {order.tags.map((name) => (
            <span key={name} className="tag">
              <Link to={listHref("list_orders", { tags_cont: name })}>{name}</Link>
              {may && (
                <button type="button" aria-label={`Remove the tag ${name}`} onClick={() => tag.mutate({ add: [], remove: [name] })}>
                  <X size={12} aria-hidden />
                </button>
              )}
            </span>
          ))}
          {order.tags.length === 0 && <span className="faint">None</span>}
        </div>
        {may && (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              if (text.trim()) tag.mutate({ add: [text.trim()], remove: [] });
            }}
          >
            <input
              className="plain-input"
              value={text}
              onChange={(event) => setText(event.target.value)}
              placeholder="Add a tag and press Enter"
              aria-label="Add a tag"
            />
          </form>
        )}
        <ProblemNote problem={tag.error} />
      </div>
    </Card>
  );
}
