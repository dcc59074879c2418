import type { Shape } from "@/api/client";
import { moneyText } from "@/parts/Money";
import { percentOf } from "@/parts/percent";
import { Rows } from "@/parts/Rows";
import { choiceText } from "./return";

export type WeighedChoice = Shape<"WeighedChoice">;

/** The arithmetic as it was kept with the units. */
export const weighedOf = (d: Pick<Shape<"ReturnDisposition">, "weighed">) => d.weighed as WeighedChoice[];

/** `8.33 € × 95 % × 90 % − 0.50 €`: how a value came about. */
export function sumText(w: WeighedChoice, currency: string): string {
  if (w.value === null) return w.why ?? "";
  const parts = [`${moneyText(w.of, currency)} × ${percentOf(w.share_ppm)} % × ${percentOf(w.chance_ppm)} %`];
  if (w.cost) parts.push(moneyText(w.cost, currency));
  if (w.freight) parts.push(`${moneyText(w.freight, currency)} freight`);
  return parts.join(" − ");
}

/** Every choice with what one unit is expected to bring, the best first. */
export function Weighed({ choices, currency }: { choices: WeighedChoice[]; currency: string }) {
  return (
    <Rows
      rows={choices}
      keyOf={(w) => w.choice}
      columns={[
        { id: "choice", label: "Choice", render: (w) => <span className={w.value === null ? "faint" : "strong"}>{choiceText(w.choice)}</span> },
        { id: "gets", label: "Price × share × chance − cost", grow: true, render: (w) => <span className="faint small">{sumText(w, currency)}{w.supplier && ` (${w.supplier})`}</span> },
        { id: "value", label: "Brings", align: "right", render: (w) => (w.value === null ? <span className="faint">–</span> : moneyText(w.value, currency)) },
      ]}
    />
  );
}
