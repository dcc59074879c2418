import { Route, Routes } from "react-router";
import { CustomerDetail } from "./CustomerDetail";
import { CustomerList } from "./CustomerList";

export default function Customers() {
  return (
    <Routes>
      <Route index element={<CustomerList />} />
      <Route path=":id" element={<CustomerDetail />} />
    </Routes>
  );
}
