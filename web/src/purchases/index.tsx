import { Route, Routes } from "react-router";
import { PurchaseDetail } from "./PurchaseDetail";
import { PurchaseList } from "./PurchaseList";

export default function Purchases() {
  return (
    <Routes>
      <Route index element={<PurchaseList />} />
      <Route path=":id" element={<PurchaseDetail />} />
    </Routes>
  );
}
