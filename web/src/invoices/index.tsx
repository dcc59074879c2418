import { Route, Routes } from "react-router";
import { ClaimList } from "./ClaimList";
import { CreditDetail } from "./CreditDetail";
import { CreditList } from "./CreditList";
import { InvoiceDetail } from "./InvoiceDetail";
import { InvoiceList } from "./InvoiceList";
import { ToleranceList } from "./ToleranceList";

export default function Invoices() {
  return (
    <Routes>
      <Route index element={<InvoiceList />} />
      <Route path="credits" element={<CreditList />} />
      <Route path="credits/:id" element={<CreditDetail />} />
      <Route path="owed" element={<ClaimList />} />
      <Route path="tolerances" element={<ToleranceList />} />
      <Route path=":id" element={<InvoiceDetail />} />
    </Routes>
  );
}
