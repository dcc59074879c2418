import Autocomplete from "@mui/material/Autocomplete";
import TextField from "@mui/material/TextField";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useController, useFormContext } from "react-hook-form";
import { answer, api } from "@/api/client";

type Props = { name: string; label: string; required?: boolean; autoFocus?: boolean };

/** A SKU, found while one types its beginning; a scanner's input stands as it is. */
export function SkuIn({ name, label, required, autoFocus }: Props) {
  const { control } = useFormContext();
  const { field, fieldState } = useController({ name, control, rules: required ? { required: `${label} is needed.` } : {} });
  const value = (field.value ?? "") as string;
  const [text, setText] = useState(value);
  const found = useQuery({
    queryKey: ["variants", "starting", text],
    enabled: text.length > 0,
    placeholderData: (before) => before,
    queryFn: () => answer(api.GET("/api/v1/variants", { params: { query: { sku_start: text, status_eq: "active", limit: 12 } } })),
  });
  const titles = new Map(found.data?.data.map((variant) => [variant.sku, variant.title]));
  return (
    <Autocomplete
      freeSolo
      options={[...titles.keys()]}
      value={value}
      inputValue={text}
      filterOptions={(options) => options}
      onChange={(_, chosen) => field.onChange(chosen ?? "")}
      onInputChange={(_, typed) => {
        setText(typed);
        field.onChange(typed);
      }}
      onBlur={field.onBlur}
      renderOption={({ key, ...props }, sku) => (
        <li key={key} {...props}>
          <span className="mono">{sku}</span>
          <span className="unit ellipsis">{titles.get(sku)}</span>
        </li>
      )}
      renderInput={(params) => (
        <TextField
          {...params}
          inputRef={field.ref}
          label={label}
          required={required}
          autoFocus={autoFocus}
          error={Boolean(fieldState.error)}
          helperText={fieldState.error?.message}
        />
      )}
    />
  );
}
