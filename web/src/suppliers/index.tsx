import { Route, Routes } from "react-router";
import { DeliveryList } from "./DeliveryList";
import { ItemList } from "./ItemList";
import { PromiseList } from "./PromiseList";
import { ReceiptList } from "./ReceiptList";
import { SupplierDetail } from "./SupplierDetail";
import { SupplierList } from "./SupplierList";

export default function Suppliers() {
  return (
    <Routes>
      <Route index element={<SupplierList />} />
      <Route path="all/items" element={<ItemList />} />
      <Route path="all/promises" element={<PromiseList />} />
      <Route path="all/receipts" element={<ReceiptList />} />
      <Route path="all/deliveries" element={<DeliveryList />} />
      <Route path=":code" element={<SupplierDetail />} />
    </Routes>
  );
}
