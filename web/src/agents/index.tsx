import { Route, Routes } from "react-router";
import { AgentsPage } from "./AgentsPage";
import { DeadLetters } from "./DeadLetters";
import { Flows } from "./Flows";
import { Schedules } from "./Schedules";

export default function Agents() {
  return (
    <Routes>
      <Route index element={<AgentsPage />} />
      <Route path="dead-letters" element={<DeadLetters />} />
      <Route path="schedules" element={<Schedules />} />
      <Route path="flows" element={<Flows />} />
    </Routes>
  );
}
