import { useNotify } from "ra-core";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { MoneyIn, NumberIn, TextIn, YesNo } from "@/parts/fields";
import { decimal, minorUnits } from "@/parts/Money";
import { useSeen } from "@/parts/seen";
import { useWatch } from "react-hook-form";
import type { Box } from "./BoxList";

type Body = Shape<"BoxBody">;
type Input = { node: string; code: string; body: Body };
type Values = {
  node: string; code: string; name: string; length: string; width: string; height: string; wall: string;
  padding: string; tare: string; max: string; cost: string; currency: string; active: boolean;
};

const valuesOf = (box?: Box): Values => ({
  node: box?.node ?? "",
  code: box?.code ?? "",
  name: box?.name ?? "",
  length: box ? String(box.length_mm) : "",
  width: box ? String(box.width_mm) : "",
  height: box ? String(box.height_mm) : "",
  wall: String(box?.wall_mm ?? 3),
  padding: String(box?.padding_mm ?? 0),
  tare: String(box?.tare_grams ?? 0),
  max: box ? String(box.max_grams) : "",
  cost: box ? decimal(box.cost_amount, box.cost_currency) : "0",
  currency: box?.cost_currency ?? "EUR",
  active: box?.active ?? true,
});

const currencyOf = (text: string) => text.trim().toUpperCase();

export function PutBox({ box, close }: { box?: Box; close: () => void }) {
  const notify = useNotify();
  const seen = useSeen(box?.version ?? 0);
  const put = useWrite(
    ({ node, code, body }: Input, once) =>
      answer(api.PUT("/api/v1/nodes/{node}/boxes/{code}", { params: { path: { node, code } }, body, ...once })),
    { touches: ["boxes"], done: (_, { code }) => notify(`Box ${code} is saved.`) },
  );
  return (
    <Ask<Values, Input>
      title={box ? `Edit box ${box.code} of ${box.node}` : "New box"}
      about="Fulfilments that are packed already keep their boxes; what is packed from now on is planned with it."
      verb="Save"
      width="sm"
      values={valuesOf(box)}
      input={(v) => ({
        node: v.node.trim(),
        code: v.code.trim(),
        body: {
          name: v.name.trim(),
          length_mm: Number(v.length),
          width_mm: Number(v.width),
          height_mm: Number(v.height),
          wall_mm: Number(v.wall),
          padding_mm: Number(v.padding),
          tare_grams: Number(v.tare),
          max_grams: Number(v.max),
          cost_amount: minorUnits(v.cost, currencyOf(v.currency)) ?? 0,
          cost_currency: currencyOf(v.currency),
          active: v.active,
          version: box ? seen.version : null,
        },
      })}
      write={put}
      close={close}
      seen={box ? seen : undefined}
      what="box"
    >
      {!box && (
        <div className="form-grid">
          <TextIn name="node" label="Node" required autoFocus mono />
          <TextIn name="code" label="Code" required mono />
        </div>
      )}
      <TextIn name="name" label="Name" autoFocus={Boolean(box)} />
      <div className="form-grid">
        <NumberIn name="length" label="Length inside, mm" min={1} required />
        <NumberIn name="width" label="Width inside, mm" min={1} required />
        <NumberIn name="height" label="Height inside, mm" min={1} required />
      </div>
      <div className="form-grid">
        <NumberIn name="wall" label="Board, mm" min={0} required help="Carriers measure the outside" />
        <NumberIn name="padding" label="Void fill a side, mm" min={0} required />
        <NumberIn name="tare" label="Weighs, g" min={0} required />
        <NumberIn name="max" label="Carries, g" min={1} required help="With the box itself" />
      </div>
      <Cost />
      <YesNo name="active" label="In use" />
    </Ask>
  );
}

function Cost() {
  const currency = currencyOf(useWatch<Values, "currency">({ name: "currency" }));
  return (
    <div className="form-grid">
      <MoneyIn name="cost" label="Costs" currency={currency || "EUR"} />
      <TextIn name="currency" label="Currency" required />
    </div>
  );
}
