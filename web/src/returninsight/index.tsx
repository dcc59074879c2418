import { Route, Routes } from "react-router";
import "@/look/returninsight.css";
import { Insight } from "./Insight";
import { ReturnLines, ShippedLines } from "./Lists";

export default function ReturnInsight() {
  return (
    <Routes>
      <Route index element={<Insight />} />
      <Route path="shipped" element={<ShippedLines />} />
      <Route path="returned" element={<ReturnLines />} />
    </Routes>
  );
}
