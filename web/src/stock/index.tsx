import { Route, Routes } from "react-router";
import { AllocationList } from "./AllocationList";
import { BinStockList } from "./BinStockList";
import { HoldList } from "./HoldList";
import { LedgerList } from "./LedgerList";
import { LevelList } from "./LevelList";
import { LotDetail } from "./LotDetail";
import { LotList } from "./LotList";
import { SkuStock } from "./SkuStock";

export default function Stock() {
  return (
    <Routes>
      <Route index element={<LevelList />} />
      <Route path="ledger" element={<LedgerList />} />
      <Route path="bins" element={<BinStockList />} />
      <Route path="lots" element={<LotList />} />
      <Route path="lots/:id" element={<LotDetail />} />
      <Route path="allocations" element={<AllocationList />} />
      <Route path="holds" element={<HoldList />} />
      <Route path="sku/:sku" element={<SkuStock />} />
    </Routes>
  );
}
