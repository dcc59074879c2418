import { Route, Routes } from "react-router";
import { CountDetail } from "./CountDetail";
import { CountList } from "./CountList";

export default function Counts() {
  return (
    <Routes>
      <Route index element={<CountList />} />
      <Route path=":id" element={<CountDetail />} />
    </Routes>
  );
}
