import { Route, Routes } from "react-router";
import { DispositionList } from "./DispositionList";
import { InspectionDetail } from "./InspectionDetail";
import { InspectionList } from "./InspectionList";
import { PlanList } from "./PlanList";
import { StandingList } from "./StandingList";

export default function Inspections() {
  return (
    <Routes>
      <Route index element={<InspectionList />} />
      <Route path="all/dispositions" element={<DispositionList />} />
      <Route path="all/plans" element={<PlanList />} />
      <Route path="all/standings" element={<StandingList />} />
      <Route path=":id" element={<InspectionDetail />} />
    </Routes>
  );
}
