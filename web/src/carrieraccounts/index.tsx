import { Route, Routes } from "react-router";
import { AccountDetail } from "./AccountDetail";
import { AccountList } from "./AccountList";
import { Labels } from "./Labels";
import { Purchases } from "./Purchases";

export default function CarrierAccounts() {
  return (
    <Routes>
      <Route index element={<AccountList />} />
      <Route path="purchases" element={<Purchases />} />
      <Route path="labels" element={<Labels />} />
      <Route path="of/:code" element={<AccountDetail />} />
    </Routes>
  );
}
