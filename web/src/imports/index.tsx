import { Route, Routes } from "react-router";
import { ImportDetail } from "./ImportDetail";
import { ImportList } from "./ImportList";
import { NewImport } from "./NewImport";

export default function Imports() {
  return (
    <Routes>
      <Route index element={<ImportList />} />
      <Route path="new" element={<NewImport />} />
      <Route path=":run" element={<ImportDetail />} />
    </Routes>
  );
}
