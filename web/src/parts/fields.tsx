import Checkbox from "@mui/material/Checkbox";
import FormControlLabel from "@mui/material/FormControlLabel";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import type { ReactNode } from "react";
import { useController, useFormContext, type FieldValues, type RegisterOptions } from "react-hook-form";
import { words } from "./Chip";
import { minorUnits } from "./Money";
import { ppmOf } from "./percent";

type Base = { name: string; label: string; required?: boolean; help?: ReactNode; autoFocus?: boolean; disabled?: boolean };
type Rules = Omit<RegisterOptions<FieldValues, string>, "valueAsNumber" | "valueAsDate" | "setValueAs" | "disabled">;

function useField(name: string, label: string, required: boolean | undefined, rules: Rules = {}) {
  const { control } = useFormContext();
  const { field, fieldState } = useController({
    name,
    control,
    rules: { ...rules, ...(required ? { required: `${label} is needed.` } : {}) },
  });
  return {
    name,
    onBlur: field.onBlur,
    onChange: field.onChange,
    inputRef: field.ref,
    value: (field.value ?? "") as string,
    error: Boolean(fieldState.error),
    said: fieldState.error?.message,
  };
}

type TextProps = Base & { type?: string; rows?: number; placeholder?: string; mono?: boolean };

export function TextIn({ name, label, required, help, rows, mono, type = "text", ...rest }: TextProps) {
  const { said, ...field } = useField(name, label, required);
  return (
    <TextField
      {...field}
      {...rest}
      type={type}
      label={label}
      required={required}
      multiline={rows !== undefined}
      minRows={rows}
      helperText={said ?? help}
      slotProps={{ htmlInput: { className: mono ? "mono" : undefined, autoComplete: "off" } }}
    />
  );
}

type NumberProps = Base & { min?: number; max?: number };

/** A whole number. */
export function NumberIn({ name, label, required, help, min, max, ...rest }: NumberProps) {
  const { said, ...field } = useField(name, label, required, {
    validate: (value: unknown) => {
      if (value === "" || value === null || value === undefined) return true;
      const number = Number(value);
      if (!Number.isInteger(number)) return "A whole number.";
      if (min !== undefined && number < min) return `At least ${min}.`;
      if (max !== undefined && number > max) return `At most ${max}.`;
      return true;
    },
  });
  return (
    <TextField
      {...field}
      {...rest}
      label={label}
      required={required}
      helperText={said ?? help}
      slotProps={{ htmlInput: { inputMode: "numeric", autoComplete: "off" } }}
    />
  );
}

/** An amount as people write it; `minorUnits` makes what the API takes of it. */
export function MoneyIn({ name, label, required, help, currency, ...rest }: Base & { currency: string }) {
  const { said, ...field } = useField(name, label, required, {
    validate: (value: string) => !value || minorUnits(value, currency) !== null || `Not an amount in ${currency}.`,
  });
  return (
    <TextField
      {...field}
      {...rest}
      label={label}
      required={required}
      helperText={said ?? help}
      slotProps={{
        htmlInput: { inputMode: "decimal", autoComplete: "off", className: "number" },
        input: { endAdornment: <span className="unit">{currency}</span> },
      }}
    />
  );
}

/** Per cent as people write them; `ppmOf` makes what the API takes of it. */
export function PercentIn({ name, label, required, help, ...rest }: Base) {
  const { said, ...field } = useField(name, label, required, {
    validate: (value: string) => !value || ppmOf(value) !== null || "A number such as 95 or 97.5.",
  });
  return (
    <TextField
      {...field}
      {...rest}
      label={label}
      required={required}
      helperText={said ?? help}
      slotProps={{ htmlInput: { inputMode: "decimal", autoComplete: "off", className: "number" }, input: { endAdornment: <span className="unit">%</span> } }}
    />
  );
}

type SelectProps = Base & { choices: readonly (string | { value: string; label: string })[] };

export function SelectIn({ name, label, required, help, choices, ...rest }: SelectProps) {
  const { said, ...field } = useField(name, label, required);
  return (
    <TextField {...field} {...rest} select label={label} required={required} helperText={said ?? help} slotProps={{ select: { displayEmpty: true } }}>
      {choices.map((choice) => {
        const { value, label: text } = typeof choice === "string" ? { value: choice, label: words(choice) } : choice;
        return (
          <MenuItem key={value} value={value}>
            {text}
          </MenuItem>
        );
      })}
    </TextField>
  );
}

export function YesNo({ name, label, help }: Base) {
  const { control } = useFormContext();
  const { field } = useController({ name, control });
  return (
    <div>
      <FormControlLabel
        control={<Checkbox checked={Boolean(field.value)} onChange={field.onChange} onBlur={field.onBlur} name={name} />}
        label={label}
      />
      {help && <p className="faint small">{help}</p>}
    </div>
  );
}
