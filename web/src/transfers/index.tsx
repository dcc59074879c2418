import { Route, Routes } from "react-router";
import { TransferDetail } from "./TransferDetail";
import { TransferList } from "./TransferList";

export default function Transfers() {
  return (
    <Routes>
      <Route index element={<TransferList />} />
      <Route path=":id" element={<TransferDetail />} />
    </Routes>
  );
}
