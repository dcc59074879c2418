import { Route, Routes } from "react-router";
import { EditOrder } from "./EditOrder";
import { OrderDetail } from "./OrderDetail";
import { OrderList } from "./OrderList";

export default function Orders() {
  return (
    <Routes>
      <Route index element={<OrderList />} />
      <Route path=":order" element={<OrderDetail />} />
      <Route path=":order/edit" element={<EditOrder />} />
    </Routes>
  );
}
