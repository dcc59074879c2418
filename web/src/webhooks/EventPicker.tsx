import Checkbox from "@mui/material/Checkbox";
import FormControlLabel from "@mui/material/FormControlLabel";
import { useController, useFormContext } from "react-hook-form";
import { Loaded } from "@/parts/states";
import { words } from "@/parts/Chip";
import { useCatalogue } from "./webhook";

/** Events to be told of, by group. A whole group also takes in what later releases add to it. */
export function EventPicker({ name }: { name: string }) {
  const { control } = useFormContext();
  const { field, fieldState } = useController({
    name,
    control,
    rules: { validate: (chosen: string[]) => chosen.length > 0 || "Choose at least one event." },
  });
  const chosen = new Set(field.value as string[]);
  const put = (next: Set<string>) => field.onChange([...next].sort());
  const toggle = (entry: string, covers: string[] = []) => {
    const next = new Set(chosen);
    if (!next.delete(entry)) {
      for (const inside of covers) next.delete(inside);
      next.add(entry);
    }
    put(next);
  };
  const catalogue = useCatalogue();
  return (
    <fieldset className="events">
      <legend>Events</legend>
      {fieldState.error && (
        <p className="bad small" role="alert">
          {fieldState.error.message}
        </p>
      )}
      <Loaded query={catalogue}>
        {({ events }) => {
          const everything = chosen.has("*");
          const groups = [...new Set(events.map((event) => event.group))];
          return (
            <div className="events-all">
              <Check label={<strong>Everything you may read</strong>} checked={everything} change={() => put(new Set(everything ? [] : ["*"]))} />
              {groups.map((group) => {
                const inside = events.filter((event) => event.group === group);
                const all = `${group}.*`;
                const whole = everything || chosen.has(all);
                const closed = inside.every((event) => !event.readable);
                return (
                  <div key={group} className="events-group">
                    <Check
                      label={<strong>{words(group)}</strong>}
                      checked={whole}
                      disabled={everything || closed}
                      change={() => toggle(all, inside.map((event) => event.name))}
                    />
                    {inside.map((event) => (
                      <Check
                        key={event.name}
                        label={
                          <span title={event.readable ? undefined : `Takes the scope ${event.scope}.`}>
                            <code>{event.name}</code> <span className="quiet small">{event.what}</span>
                          </span>
                        }
                        checked={whole || chosen.has(event.name)}
                        disabled={whole || !event.readable}
                        change={() => toggle(event.name)}
                      />
                    ))}
                  </div>
                );
              })}
            </div>
          );
        }}
      </Loaded>
    </fieldset>
  );
}

type CheckProps = { label: React.ReactNode; checked: boolean; disabled?: boolean; change: () => void };

function Check({ label, checked, disabled, change }: CheckProps) {
  return <FormControlLabel control={<Checkbox checked={checked} disabled={disabled} onChange={change} />} label={label} />;
}
