import { Route, Routes } from "react-router";
import "@/look/routing.css";
import { Drill } from "./Drill";
import { NewRuleSet, RuleSetDetail } from "./RuleSetDetail";
import { PlanDetail } from "./PlanDetail";
import { PlanList } from "./PlanList";
import { RuleSetList } from "./RuleSetList";
import { WeightsPage } from "./Weights";

export default function Routing() {
  return (
    <Routes>
      <Route index element={<RuleSetList />} />
      <Route path="new" element={<NewRuleSet />} />
      <Route path="drill/:node" element={<Drill />} />
      <Route path="plans" element={<PlanList />} />
      <Route path="plans/weights" element={<WeightsPage />} />
      <Route path="plans/:planId" element={<PlanDetail />} />
      <Route path=":id" element={<RuleSetDetail />} />
    </Routes>
  );
}
