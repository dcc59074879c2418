import { Route, Routes } from "react-router";
import { LimitList } from "./LimitList";
import { PurchaseDetail } from "./PurchaseDetail";
import { PurchaseList } from "./PurchaseList";

export default function Purchases() {
  return (
    <Routes>
      <Route index element={<PurchaseList />} />
      <Route path="limits" element={<LimitList />} />
      <Route path=":id" element={<PurchaseDetail />} />
    </Routes>
  );
}
