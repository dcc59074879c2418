import { Route, Routes } from "react-router";
import "@/look/exceptions.css";
import { ClaimDetail } from "./ClaimDetail";
import { ClaimList } from "./ClaimList";
import { ExceptionDetail } from "./ExceptionDetail";
import { ExceptionList } from "./ExceptionList";
import { TrackList } from "./TrackList";

export default function Exceptions() {
  return (
    <Routes>
      <Route index element={<ExceptionList />} />
      <Route path="tracks" element={<TrackList />} />
      <Route path="claims" element={<ClaimList />} />
      <Route path="claims/:id" element={<ClaimDetail />} />
      <Route path=":id" element={<ExceptionDetail />} />
    </Routes>
  );
}
