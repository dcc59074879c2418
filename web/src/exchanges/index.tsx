import { Route, Routes } from "react-router";
import { ExchangeDetail } from "./ExchangeDetail";
import { ExchangeList } from "./ExchangeList";
import { NewExchange } from "./NewExchange";

export default function Exchanges() {
  return (
    <Routes>
      <Route index element={<ExchangeList />} />
      <Route path="new" element={<NewExchange />} />
      <Route path=":id" element={<ExchangeDetail />} />
    </Routes>
  );
}
