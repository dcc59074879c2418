import { Route, Routes } from "react-router";
import { SuggestionDetail } from "./SuggestionDetail";
import { SuggestionList } from "./SuggestionList";

export default function Replenishment() {
  return (
    <Routes>
      <Route index element={<SuggestionList />} />
      <Route path=":id" element={<SuggestionDetail />} />
    </Routes>
  );
}
