import { Route, Routes } from "react-router";
import { NodeDetail } from "./NodeDetail";
import { NodeList } from "./NodeList";

export default function Nodes() {
  return (
    <Routes>
      <Route index element={<NodeList />} />
      <Route path=":code" element={<NodeDetail />} />
    </Routes>
  );
}
