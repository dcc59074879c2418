import { Route, Routes } from "react-router";
import { NewReturn } from "./NewReturn";
import { NewPolicy } from "./NewPolicy";
import { PolicyDetail, PolicyList } from "./Policies";
import { DispositionList } from "./Dispositions";
import { NewTerms } from "./NewTerms";
import { SignalList } from "./Signals";
import { TermsDetail, TermsList } from "./Terms";
import { ReceiveReturn } from "./ReceiveReturn";
import { ReturnDetail } from "./ReturnDetail";
import { ReturnList } from "./ReturnList";
import { UnknownDetail, UnknownList } from "./Unknown";

export default function Returns() {
  return (
    <Routes>
      <Route index element={<ReturnList />} />
      <Route path="new" element={<NewReturn />} />
      <Route path="policies" element={<PolicyList />} />
      <Route path="policies/new" element={<NewPolicy />} />
      <Route path="policies/:version" element={<PolicyDetail />} />
      <Route path="unknown" element={<UnknownList />} />
      <Route path="unknown/:id" element={<UnknownDetail />} />
      <Route path="dispositions" element={<DispositionList />} />
      <Route path="signals" element={<SignalList />} />
      <Route path="terms" element={<TermsList />} />
      <Route path="terms/new" element={<NewTerms />} />
      <Route path="terms/:version" element={<TermsDetail />} />
      <Route path=":id" element={<ReturnDetail />} />
      <Route path=":id/receive" element={<ReceiveReturn />} />
    </Routes>
  );
}
