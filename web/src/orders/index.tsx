import { Route, Routes } from "react-router";
import { OrderList } from "./OrderList";

export default function Orders() {
  return (
    <Routes>
      <Route index element={<OrderList />} />
    </Routes>
  );
}
