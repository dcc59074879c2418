import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import { useListingContext } from "./listing";

const SETTLED_MS = 220;

/** A field that filters while one types; `field` is the API's filter, such as `number_start`. */
export function SearchField({ field, label }: { field: string; label: string }) {
  const { filters, setFilters } = useListingContext();
  const said = filters[field] ?? "";
  const [text, setText] = useState(said);
  const [known, setKnown] = useState(said);
  if (known !== said) {
    setKnown(said);
    if (said !== text.trim()) setText(said);
  }
  useEffect(() => {
    if (text.trim() === said) return;
    const timer = setTimeout(() => setFilters({ [field]: text.trim() || null }), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [field, said, setFilters, text]);
  return (
    <label className="filter-search">
      <Search size={14} aria-hidden />
      <input value={text} onChange={(event) => setText(event.target.value)} placeholder={label} aria-label={label} />
    </label>
  );
}
