import { useQuery } from "@tanstack/react-query";
import { useWatch } from "react-hook-form";
import { answer, api, type Shape } from "@/api/client";
import { SelectIn, TextIn } from "@/parts/fields";
import { moneyText } from "@/parts/Money";
import type { Typed } from "./form";
import { choiceText, gradeText, type Grade } from "./return";
import { sumText, Weighed } from "./Weighed";

/** What each choice would bring for the units that still come. */
export function useChoices(id: string) {
  return useQuery({
    queryKey: ["returns", "choices", id],
    queryFn: () => answer(api.POST("/api/v1/returns/{return_id}/weigh", { params: { path: { return_id: id } } })),
  });
}

/** What becomes of the units of a line, by the grades that were typed: the best, why, and what else it may be. */
export function Becomes({ line, told }: { line: number; told: Shape<"ReturnChoices"> }) {
  const typed = useWatch({ name: `graded.l${line}` }) as Typed;
  const said = told.grades.filter((g) => g.line_no === line && Number(typed[g.grade as Grade]) > 0);
  if (said.length === 0) return null;
  const otherwise = said.some((g) => typed.becomes[g.grade as Grade] && typed.becomes[g.grade as Grade] !== g.choices[0]?.choice);
  return (
    <div className="stack tight">
      {said.map((g) => {
        const best = g.choices[0];
        if (!best) return null;
        const choices = [
          { value: "", label: `${choiceText(best.choice)}, which brings most` },
          ...g.choices.slice(1).filter((w) => w.value !== null).map((w) => ({ value: w.choice, label: `${choiceText(w.choice)}, ${moneyText(w.value ?? 0, told.currency)}` })),
        ];
        return (
          <div key={g.grade} className="stack tight">
            <SelectIn name={`graded.l${line}.becomes.${g.grade}`} label={`${typed[g.grade as Grade]} × ${gradeText(g.grade).toLowerCase()} becomes`} choices={choices} help={`${moneyText(best.value ?? 0, told.currency)} = ${sumText(best, told.currency)}`} />
            <details>
              <summary className="quiet small">All choices</summary>
              <Weighed choices={g.choices} currency={told.currency} />
            </details>
          </div>
        );
      })}
      {otherwise && <TextIn name={`graded.l${line}.becomes_why`} label="Why not what brings most" required />}
    </div>
  );
}
