import { Route, Routes } from "react-router";
import { Classes } from "./Classes";
import { PlaceDetail } from "./PlaceDetail";
import { PlaceList } from "./PlaceList";
import { RuleList } from "./RuleList";
import { SuggestionDetail } from "./SuggestionDetail";
import { SuggestionList } from "./SuggestionList";
import { TryClass } from "./TryClass";
import { TryRule } from "./TryRule";

export default function Replenishment() {
  return (
    <Routes>
      <Route index element={<SuggestionList />} />
      <Route path="places" element={<PlaceList />} />
      <Route path="places/:node/:sku" element={<PlaceDetail />} />
      <Route path="places/:node/:sku/try" element={<TryRule />} />
      <Route path="rules" element={<RuleList />} />
      <Route path="classes" element={<Classes />} />
      <Route path="classes/:code/try" element={<TryClass />} />
      <Route path=":id" element={<SuggestionDetail />} />
    </Routes>
  );
}
