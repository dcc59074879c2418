import { Route, Routes } from "react-router";
import "@/look/carriers.css";
import { CardDetail } from "./CardDetail";
import { CardList } from "./CardList";
import { ChoiceDetail } from "./ChoiceDetail";
import { ChoiceList } from "./ChoiceList";
import { DriftList } from "./DriftList";
import { ParcelList } from "./ParcelList";
import { PolicyList } from "./PolicyList";
import { NewRuleSet, RuleSetDetail } from "./RuleSetDetail";
import { RuleSetList } from "./RuleSetList";
import { Scorecard } from "./Scorecard";
import { Scorecards } from "./Scorecards";

export default function Carriers() {
  return (
    <Routes>
      <Route index element={<Scorecards />} />
      <Route path="of/:carrier" element={<Scorecard />} />
      <Route path="cards" element={<CardList />} />
      <Route path="cards/:id" element={<CardDetail />} />
      <Route path="policies" element={<PolicyList />} />
      <Route path="rules" element={<RuleSetList />} />
      <Route path="rules/new" element={<NewRuleSet />} />
      <Route path="rules/:id" element={<RuleSetDetail />} />
      <Route path="choices" element={<ChoiceList />} />
      <Route path="choices/:id" element={<ChoiceDetail />} />
      <Route path="parcels" element={<ParcelList />} />
      <Route path="drifts" element={<DriftList />} />
    </Routes>
  );
}
