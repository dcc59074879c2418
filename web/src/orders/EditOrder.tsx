import Button from "@mui/material/Button";
import IconButton from "@mui/material/IconButton";
import { Plus, Trash2 } from "lucide-react";
import { useNotify } from "ra-core";
import { useRef } from "react";
import { FormProvider, useFieldArray, useForm, useWatch } from "react-hook-form";
import { useNavigate, useParams } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { Problem } from "@/api/problem";
import { useWrite } from "@/api/write";
import { AddressIn, addressOf } from "@/parts/AddressIn";
import type { Address } from "@/parts/AddressText";
import { MoneyIn, NumberIn, SelectIn, TextIn } from "@/parts/fields";
import { decimal, minorUnits, Money } from "@/parts/Money";
import { Card, Columns, Page } from "@/parts/Page";
import { SomebodyElse, useSeen } from "@/parts/seen";
import { SkuIn } from "@/parts/SkuIn";
import { Loaded, ProblemNote } from "@/parts/states";
import { at, orderHref, TOUCHES, useOrder, type Order } from "./order";
import { Preview } from "./Preview";
import { tenderBody, TENDERS, type Tender } from "./tenders";

type Body = Shape<"EditBody">;
type Values = {
  units: Record<string, string>;
  nodes: Record<string, string>;
  added: { sku: string; quantity: string; node: string }[];
  shipping: string;
  address: Address;
  pays: Tender;
};

export function EditOrder() {
  const { order = "" } = useParams();
  const asked = useOrder(order);
  return <Loaded query={asked}>{(found) => <EditForm key={found.id} order={found} />}</Loaded>;
}

/** What is asked for, as changes alone: what was not touched is not named. */
export function changesOf(values: Values, order: Order): Body["lines"] {
  const changed = order.lines.flatMap((line) => {
    const wanted = Number(values.units[`l${line.line_no}`]);
    const node = values.nodes[`l${line.line_no}`]?.trim() || null;
    const isAsItWas = wanted === line.quantity - line.cancelled && node === null;
    return isAsItWas ? [] : [{ line_no: line.line_no, quantity: wanted, discount: 0, node }];
  });
  const added = values.added.filter((line) => line.sku.trim());
  return [...changed, ...added.map((line) => ({ sku: line.sku.trim(), quantity: Number(line.quantity), discount: 0, node: line.node.trim() || null }))];
}

/** The address when another one was entered, else null: the order keeps the one it has. */
export function newAddress(entered: Address, order: Order): Body["shipping_address"] {
  const known = (order.shipping_address ?? {}) as Address;
  const wanted = addressOf({ ...known, ...entered });
  const fields = new Set([...Object.keys(known), ...Object.keys(wanted)]) as Set<keyof Address>;
  return [...fields].some((name) => (wanted[name] ?? "") !== (known[name] ?? "")) ? wanted : null;
}

function EditForm({ order }: { order: Order }) {
  const { currency } = order;
  const navigate = useNavigate();
  const notify = useNotify();
  const seen = useSeen(order.version);
  const form = useForm<Values>({
    defaultValues: {
      units: Object.fromEntries(order.lines.map((l) => [`l${l.line_no}`, String(l.quantity - l.cancelled)])),
      nodes: {},
      added: [],
      shipping: decimal(order.shipping, currency),
      address: (order.shipping_address ?? {}),
      pays: { provider: "", token: "" },
    },
  });
  const added = useFieldArray({ control: form.control, name: "added" });
  const back = () => void navigate(orderHref(order.id));
  const leave = () => void giveUp().finally(back);
  const open = useRef<string | null>(null);
  const discard = (edit_id: string) =>
    answer(api.POST("/api/v1/orders/{order}/edits/{edit_id}/discard", { params: { path: { order: order.id, edit_id } } }));
  /** Gives up the preview that was looked at last, if it is open, so that the next one may be made. */
  const giveUp = async () => {
    const last = open.current;
    open.current = null;
    if (last) await discard(last).catch(() => undefined); // it ended some other way
  };
  const propose = useWrite(
    async (body: Body, once) => {
      await giveUp();
      const proposed = await answer(api.POST("/api/v1/orders/{order}/edits", { ...at(order.id), body, ...once }));
      open.current = proposed.id;
      return proposed;
    },
    { touches: ["orders"] },
  );
  const discardOther = useWrite((edit_id: string) => discard(edit_id), { touches: ["orders"], done: () => propose.reset() });
  const apply = useWrite(
    ({ edit_id, ...body }: Shape<"ApplyBody"> & { edit_id: string }, once) =>
      answer(
        api.POST("/api/v1/orders/{order}/edits/{edit_id}/apply", { params: { path: { order: order.id, edit_id } }, body, ...once }),
      ),
    {
      touches: TOUCHES,
      done: () => {
        notify(`Order ${order.number} is changed.`);
        back();
      },
    },
  );
  const preview = form.handleSubmit((values) => {
    apply.reset();
    const shipping = minorUnits(values.shipping, currency);
    propose.mutate({
      lines: changesOf(values, order),
      shipping: shipping === null || shipping === order.shipping ? null : shipping,
      shipping_address: newAddress(values.address, order),
      version: seen.version,
    });
  });
  const dearer = order.status !== "draft" && (propose.data?.money.difference ?? 0) > 0;
  const applies = (edit_id: string) => {
    const { provider, token } = form.getValues("pays");
    apply.mutate({ edit_id, payment: dearer && provider ? tenderBody({ provider, token }) : null });
  };
  const problem = apply.error ?? propose.error;
  const otherEdit = problem instanceof Problem && problem.code === "edit_is_open" ? String(problem.details.edit_id) : null;
  const isStale = problem instanceof Problem && problem.isStale;
  return (
    <Page
      title={`Edit order ${order.number}`}
      crumbs={[
        { label: "Orders", to: "/orders" },
        { label: order.number, to: orderHref(order.id) },
      ]}
      about="First a preview: money, stock and the days on which goods leave. Nothing changes until it is applied."
    >
      <FormProvider {...form}>
        <form onSubmit={(event) => void preview(event)} onChange={() => propose.data && propose.reset()} noValidate>
          <Columns
            main={
              <>
                <SomebodyElse seen={seen} what="order" />
                <Card title="Lines">
                  <div className="stack">
                    {order.lines.map((line) => (
                      <div key={line.line_no} className="line-units with-node">
                        <div className="ellipsis">
                          <span className="strong">{line.title}</span>
                          <p className="faint small">
                            <span className="mono">{line.sku}</span> · {line.quantity - line.cancelled} now, at{" "}
                            <Money amount={line.unit_amount} currency={currency} />
                          </p>
                        </div>
                        <NumberIn name={`units.l${line.line_no}`} label="Units" min={0} required />
                        {order.status !== "draft" && <TextIn name={`nodes.l${line.line_no}`} label="From node" />}
                      </div>
                    ))}
                    {added.fields.map((row, index) => (
                      <div key={row.id} className="line-units with-node with-remove">
                        <SkuIn name={`added.${index}.sku`} label="New line" required autoFocus />
                        <NumberIn name={`added.${index}.quantity`} label="Units" min={1} required />
                        {order.status !== "draft" && <TextIn name={`added.${index}.node`} label="From node" />}
                        <IconButton aria-label="Leave this line out" onClick={() => added.remove(index)}>
                          <Trash2 size={15} />
                        </IconButton>
                      </div>
                    ))}
                    <div>
                      <Button startIcon={<Plus size={14} />} onClick={() => added.append({ sku: "", quantity: "1", node: "" })}>
                        Add a line
                      </Button>
                    </div>
                  </div>
                </Card>
                <Card title="Ships to">
                  <div className="stack">
                    <AddressIn name="address" person />
                  </div>
                </Card>
                <Card title="Shipping">
                  <div className="narrow">
                    <MoneyIn name="shipping" label="What the customer pays for it" currency={currency} required />
                  </div>
                </Card>
              </>
            }
            side={
              <Card title="Preview">
                <div className="stack">
                  {propose.data ? (
                    <Preview preview={propose.data} currency={currency} />
                  ) : (
                    <p className="quiet">Enter what should change, then look at what it would do.</p>
                  )}
                  {dearer && propose.data?.next.includes("apply") && <Pays />}
                  {!(isStale && seen.isOld) && <ProblemNote problem={problem} />}
                  {otherEdit && (
                    <Button loading={discardOther.isPending} onClick={() => discardOther.mutate(otherEdit)}>
                      Discard the open edit
                    </Button>
                  )}
                  <div className="row">
                    {propose.data?.next.includes("apply") ? (
                      <Button
                        variant="contained"
                        color="primary"
                        loading={apply.isPending}
                        disabled={seen.isOld}
                        onClick={() => propose.data && applies(propose.data.id)}
                      >
                        Apply
                      </Button>
                    ) : (
                      <Button type="submit" variant="contained" color="primary" loading={propose.isPending} disabled={seen.isOld}>
                        Preview
                      </Button>
                    )}
                    <Button onClick={leave}>Back</Button>
                  </div>
                </div>
              </Card>
            }
          />
        </form>
      </FormProvider>
    </Page>
  );
}

/** What pays what the order costs more. A change in here leaves the preview as it is. */
function Pays() {
  const provider = useWatch<Values, "pays.provider">({ name: "pays.provider" });
  return (
    <div className="stack" onChange={(event) => event.stopPropagation()}>
      <SelectIn name="pays.provider" label="Pays what comes on top" choices={[{ value: "", label: "Later: the order waits for it" }, ...TENDERS]} />
      {provider && provider !== "store_credit" && (
        <TextIn name="pays.token" label={provider === "gift_card" ? "Code of the card" : "The card's token"} required mono />
      )}
    </div>
  );
}
