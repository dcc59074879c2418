import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { useNotify } from "ra-core";
import { useState } from "react";
import { useWatch } from "react-hook-form";
import { Link } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { freshKey } from "@/api/send";
import { useWrite } from "@/api/write";
import { orderHref } from "@/orders/order";
import { Ask } from "@/parts/Ask";
import { TextIn } from "@/parts/fields";
import { ListPage } from "@/parts/ListPage";
import { useListing } from "@/parts/listing";
import { Rows } from "@/parts/Rows";
import { useCan } from "@/parts/scopes";
import { Empty, ProblemNote } from "@/parts/states";
import type { Column } from "@/parts/Table";
import { Day, SIBLINGS, TOUCHES } from "./backorder";

type PreOrder = Shape<"PreOrder">;
type Row = PreOrder & { id: string };
type Body = Shape<"PreorderBody">;
type Values = { day: string };

/** Goods that may not leave before a day. */
export function PreOrderList() {
  const can = useCan();
  const [open, setOpen] = useState<PreOrder | null>(null);
  const listing = useListing<Row>("pre-orders", { sort: "release_on" });
  const columns: Column<Row>[] = [
    { id: "sku", label: "SKU", sort: "sku", render: (p) => <span className="mono strong">{p.sku}</span> },
    { id: "title", label: "Title", grow: true, render: (p) => p.title },
    { id: "release_on", label: "Leaves from", sort: "release_on", render: (p) => <Day on={p.release_on} /> },
    { id: "orders", label: "Orders", align: "right", render: (p) => p.orders },
    { id: "waiting", label: "Wait for stock", align: "right", render: (p) => p.waiting },
    { id: "there", label: "Wait for the day", align: "right", render: (p) => p.there },
    { id: "verbs", label: "", align: "right", render: (p) => can("write_catalog") && <Button variant="text" aria-label={`Move the day of ${p.sku}`} onClick={() => setOpen(p)}>Move the day</Button> },
  ];
  return (
    <>
      <ListPage
        title="Pre-orders"
        about="Sold before they may leave. On the day their orders come to the floor by themselves."
        listing={listing}
        columns={columns}
        filters={[]}
        siblings={SIBLINGS}
        empty={<Empty title="Nothing has a day of release">It is set on a SKU's product page or through the API.</Empty>}
      />
      {open && <MoveDay of={open} close={() => setOpen(null)} />}
    </>
  );
}

function MoveDay({ of: goods, close }: { of: PreOrder; close: () => void }) {
  const notify = useNotify();
  const put = useWrite(
    (body: Body, once) => answer(api.PUT("/api/v1/variants/{sku}/release", { params: { path: { sku: goods.sku } }, body, ...once })),
    { touches: [...TOUCHES, "pre-orders", "fulfilments"], done: () => notify(`${goods.sku}: promised days follow in a moment.`) },
  );
  return (
    <Ask<Values, Body>
      title={`From which day ${goods.sku} leaves`}
      about="Without a day it leaves as soon as it is there. Customers hear of days that slip by two days or more."
      verb="Move the day"
      width="sm"
      values={{ day: goods.release_on ?? "" }}
      input={({ day }) => ({ release_on: day || null })}
      write={put}
      close={close}
    >
      <TextIn name="day" label="Leaves from" type="date" autoFocus />
      <Effect sku={goods.sku} />
    </Ask>
  );
}

/** What the day that is entered would do to those who wait. */
function Effect({ sku }: { sku: string }) {
  const day = useWatch<Values, "day">({ name: "day" });
  const asked = useQuery({
    queryKey: ["pre-orders", "effect", sku, day],
    queryFn: () =>
      answer(api.POST("/api/v1/variants/{sku}/release/preview", { params: { path: { sku } }, body: { release_on: day || null }, headers: { "Idempotency-Key": freshKey() } })),
  });
  if (asked.error) return <ProblemNote problem={asked.error} />;
  if (!asked.data) return <p className="quiet">Looking…</p>;
  const { waiting, later, sooner, most_days_later, rows } = asked.data;
  if (waiting === 0) return <p className="quiet">Nobody waits for stock of it.</p>;
  return (
    <div role="status">
      <p>
        {later + sooner === 0
          ? `None of the ${waiting} promised days moves.`
          : `Of ${waiting} promised days ${later} move later${later ? `, by up to ${most_days_later} days` : ""}, and ${sooner} sooner.`}
      </p>
      {rows.length > 0 && (
        <Rows
          rows={rows.slice(0, 8)}
          keyOf={(r) => `${r.order_id}${r.node}`}
          columns={[
            { id: "number", label: "Order", grow: true, render: (r) => <Link className="link" to={orderHref(r.order_id)}>{r.number}</Link> },
            { id: "before_on", label: "Promised", render: (r) => <Day on={r.before_on} /> },
            { id: "after_on", label: "Then", render: (r) => <Day on={r.after_on} /> },
            { id: "days", label: "Days", align: "right", render: (r) => (r.days === null ? "?" : r.days > 0 ? `+${r.days}` : r.days) },
          ]}
        />
      )}
    </div>
  );
}
