import TextField from "@mui/material/TextField";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { answer, api, type Shape } from "@/api/client";
import { freshKey } from "@/api/send";
import type { Receiving } from "./dock";
import { Reasons } from "./Reasons";

type Line = Receiving["lines"][number];
export type Found = Pick<Shape<"Variant">, "sku" | "title" | "tracking">;

const MOST = 7; // number keys, less those of the other answers

/** The numbers of single units that a product may be given as its barcode; a case's number is not that of its units. */
export const isUnitsNumber = (code: string): boolean => /^(\d{8}|\d{12,13}|0\d{13})$/.test(code);

/** From now on the line's product has this barcode, instead of the one that it has. */
export async function giveBarcode(line: Pick<Line, "sku" | "barcode">, code: string): Promise<void> {
  await answer(api.PUT("/api/v1/variants/{sku}/barcode", {
    params: { path: { sku: line.sku } }, body: { barcode: code, instead_of: line.barcode }, headers: { "Idempotency-Key": freshKey() },
  }));
}

type Choice = { said: string; act: () => void };

export type Answers = {
  /** Book it as the line's, once. */
  isLine: (line: Line) => void;
  /** The same, and the product has the barcode from now on. */
  givesBarcode: ((line: Line, code: string) => void) | null;
  /** Something that was not ordered. */
  search: (() => void) | null;
  back: () => void;
  backLabel: string;
};

/** What a barcode of no product may be, the lines of which most is to come first. */
export function unknownChoices(lines: readonly Line[], code: string, { isLine, givesBarcode, search }: Answers): Choice[] {
  const open = lines.filter((line) => line.short > 0).sort((a, b) => b.short - a.short);
  const give = givesBarcode && isUnitsNumber(code) ? givesBarcode : null;
  const choices = (open.length > 0 ? open : lines).slice(0, MOST).map((line): Choice => {
    const named = `${line.title} (${line.sku})`;
    if (!give) return { said: `it is ${named}`, act: () => isLine(line) };
    const instead = line.barcode ? ` instead of ${line.barcode}` : "";
    return { said: `it is ${named}, and this is its barcode from now on${instead}`, act: () => give(line, code) };
  });
  return search ? [...choices, { said: "something that was not ordered: look for it", act: search }] : choices;
}

/** A barcode that no product has: whoever holds the goods knows what they are. */
export function UnknownCode({ code, lines, ...answers }: { code: string; lines: readonly Line[] } & Answers) {
  const choices = unknownChoices(lines, code, answers);
  return (
    <Reasons
      label="Unknown barcode"
      question={`No product has the barcode ${code}. What is it?`}
      reasons={choices.map(({ said }) => said)}
      choose={(said) => choices.find((choice) => choice.said === said)?.act()}
      back={answers.back}
      backLabel={answers.backLabel}
    />
  );
}

/** A product of the catalogue, by the beginning of its SKU or a part of its name; arrows and Enter choose. */
export function FindProduct({ choose, back }: { choose: (found: Found) => void; back: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const typed = text.trim();
  const asked = useQuery({
    queryKey: ["variants", "looked for", typed],
    enabled: typed.length > 1,
    placeholderData: (before) => before,
    queryFn: async () => {
      const some = { status_eq: "active" as const, limit: 8 };
      const [bySku, byTitle] = await Promise.all([
        answer(api.GET("/api/v1/variants", { params: { query: { ...some, sku_start: typed } } })),
        answer(api.GET("/api/v1/variants", { params: { query: { ...some, title_cont: typed } } })),
      ]);
      return [...new Map([...bySku.data, ...byTitle.data].map((variant) => [variant.sku, variant])).values()].slice(0, 8);
    },
  });
  const found = typed.length > 1 ? (asked.data ?? []) : [];
  const chosen = found[Math.min(at, found.length - 1)];
  return (
    <section aria-label="Look for a product" className="floor-reasons">
      <h2 className="floor-ask">What is it? Type its name or SKU.</h2>
      <TextField
        inputRef={field}
        label="Name or SKU"
        value={text}
        fullWidth
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") back();
          else if (event.key === "ArrowDown") setAt(Math.min(at + 1, found.length - 1));
          else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
          else if (event.key === "Enter" && chosen && !asked.isPlaceholderData) choose(chosen);
          else return;
          event.preventDefault();
        }}
        slotProps={{ htmlInput: { autoComplete: "off", spellCheck: false } }}
      />
      <ul className="floor-choices" aria-label="Products">
        {found.map((variant) => (
          <li key={variant.sku}>
            <button type="button" className="floor-choice" aria-current={variant === chosen || undefined} onClick={() => choose(variant)}>
              {variant === chosen && <kbd>Enter</kbd>} {variant.title} <span className="mono">{variant.sku}</span>
            </button>
          </li>
        ))}
        {typed.length > 1 && asked.data?.length === 0 && <li className="floor-choice">No product is called so. Put the goods aside and tell buying.</li>}
        <li>
          <button type="button" className="floor-choice" onClick={back}>
            <kbd>Esc</kbd> leave it, book nothing
          </button>
        </li>
      </ul>
    </section>
  );
}
