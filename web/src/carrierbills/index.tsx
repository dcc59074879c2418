import { Route, Routes } from "react-router";
import { ChargeList } from "./ChargeList";
import { InvoiceList } from "./InvoiceList";
import { TermsList } from "./TermsList";

export default function CarrierBills() {
  return (
    <Routes>
      <Route index element={<ChargeList />} />
      <Route path="all" element={<InvoiceList />} />
      <Route path="terms" element={<TermsList />} />
    </Routes>
  );
}
