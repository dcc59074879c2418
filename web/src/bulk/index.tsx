import { Route, Routes } from "react-router";
import { BulkDetail } from "./BulkDetail";
import { BulkList } from "./BulkList";

export default function Bulk() {
  return (
    <Routes>
      <Route index element={<BulkList />} />
      <Route path=":jobId" element={<BulkDetail />} />
    </Routes>
  );
}
