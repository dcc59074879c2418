import { Route, Routes } from "react-router";
import "@/look/waves.css";
import { CutOffList } from "./CutOffList";
import { HoldTerms } from "./HoldTerms";
import { PlanWave } from "./PlanWave";
import { PolicyList } from "./PolicyList";
import { TemplateList } from "./TemplateList";
import { WaveDetail } from "./WaveDetail";
import { WaveList } from "./WaveList";

export default function Waves() {
  return (
    <Routes>
      <Route index element={<WaveList />} />
      <Route path="new" element={<PlanWave />} />
      <Route path="templates" element={<TemplateList />} />
      <Route path="nodes" element={<PolicyList />} />
      <Route path="cut-offs" element={<CutOffList />} />
      <Route path="holds" element={<HoldTerms />} />
      <Route path=":id" element={<WaveDetail />} />
    </Routes>
  );
}
