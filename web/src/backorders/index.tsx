import { Route, Routes } from "react-router";
import { BufferList } from "./BufferList";
import { DecisionList } from "./DecisionList";
import { DecisionPage } from "./DecisionPage";
import { KeptPage } from "./KeptPage";
import { PlaceList } from "./PlaceList";
import { PreOrderList } from "./PreOrderList";
import { PolicyList } from "./PolicyList";
import { PromiseList } from "./PromiseList";
import { QueuePage } from "./QueuePage";

export default function Backorders() {
  return (
    <Routes>
      <Route index element={<PlaceList />} />
      <Route path="promises" element={<PromiseList />} />
      <Route path="decisions" element={<DecisionList />} />
      <Route path="decisions/:id" element={<DecisionPage />} />
      <Route path="policies" element={<PolicyList />} />
      <Route path="pre-orders" element={<PreOrderList />} />
      <Route path="kept" element={<KeptPage />} />
      <Route path="buffers" element={<BufferList />} />
      <Route path="at/:sku/:node" element={<QueuePage />} />
    </Routes>
  );
}
