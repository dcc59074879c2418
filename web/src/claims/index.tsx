import { Route, Routes } from "react-router";
import { ClaimDetail } from "./ClaimDetail";
import { ClaimList } from "./ClaimList";
import { NewClaim } from "./NewClaim";

export default function Claims() {
  return (
    <Routes>
      <Route index element={<ClaimList />} />
      <Route path="new" element={<NewClaim />} />
      <Route path=":id" element={<ClaimDetail />} />
    </Routes>
  );
}
